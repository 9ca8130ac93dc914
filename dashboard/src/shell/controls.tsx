import { ActionIcon, Button, Group, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconKeyOff, IconLanguage, IconMoon, IconSun } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useLanguage, useTexts } from "../i18n/language.tsx";
import { SHELL } from "../i18n/shell.ts";
import { useSession } from "../session/session.tsx";
import { Connection } from "./connection.tsx";

/** The right end of the header: whether it is live, and how it is read. */
export function Controls(): ReactNode {
  const words = useTexts(SHELL);
  const { language, speak } = useLanguage();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const session = useSession();
  const other = scheme === "dark" ? "light" : "dark";
  const schemeLabel = other === "dark" ? words.toDark : words.toLight;
  return (
    <Group gap="xs" wrap="nowrap">
      <Connection />
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        leftSection={<IconLanguage size={16} aria-hidden />}
        lang={language === "zh" ? "en" : "zh-CN"}
        onClick={() => speak(language === "zh" ? "en" : "zh")}
      >
        {language === "zh" ? words.toEnglish : words.toChinese}
      </Button>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={schemeLabel}
        title={schemeLabel}
        onClick={() => setColorScheme(other)}
      >
        {other === "dark" ? <IconMoon size={18} /> : <IconSun size={18} />}
      </ActionIcon>
      {session.key !== null && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={words.signOut}
          title={words.signOut}
          onClick={session.forget}
        >
          <IconKeyOff size={18} />
        </ActionIcon>
      )}
    </Group>
  );
}

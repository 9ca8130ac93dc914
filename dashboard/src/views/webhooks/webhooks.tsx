import { Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTexts } from "../../i18n/language.tsx";
import { SHELL } from "../../i18n/shell.ts";
import { useRowKeys } from "../../shell/row-keys.ts";
import { Deliveries } from "./deliveries.tsx";
import { Receivers } from "./receivers.tsx";

/** Who is told what happens, and whether it got there. */
export function Webhooks(): ReactNode {
  const shell = useTexts(SHELL);
  const rows = useRowKeys();
  return (
    <Stack gap="xl" ref={rows}>
      <Title order={1} size="h2">
        {shell.webhooks}
      </Title>
      <Receivers />
      <Deliveries />
    </Stack>
  );
}

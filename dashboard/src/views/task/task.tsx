import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTexts } from "../../i18n/language.tsx";
import { SHELL } from "../../i18n/shell.ts";

export function OneTask(): ReactNode {
  const words = useTexts(SHELL);
  return <Title order={1}>{words.tasks}</Title>;
}

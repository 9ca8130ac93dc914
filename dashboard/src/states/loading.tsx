import { Skeleton, Stack, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/language.tsx";
import { SHELL } from "../i18n/shell.ts";

/** In place of rows that are on their way. */
export function Loading({
  rows = 6,
  height = 36,
}: {
  readonly rows?: number;
  readonly height?: number;
}): ReactNode {
  const words = useTexts(SHELL);
  return (
    <Stack gap="xs" role="status" aria-live="polite">
      <VisuallyHidden>{words.loading}</VisuallyHidden>
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={height} radius="md" />
      ))}
    </Stack>
  );
}

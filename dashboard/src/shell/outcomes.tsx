import { Anchor, Button, Code, Stack, Text, Title } from "@mantine/core";
import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/language.tsx";
import { SHELL } from "../i18n/shell.ts";
import { Loading as Rows } from "../states/loading.tsx";

/** Instead of a view: there is none, it broke, or it is on its way. */
export function NotFound(): ReactNode {
  const words = useTexts(SHELL);
  return (
    <Stack align="center" py={64}>
      <Title order={1} size="h3">
        {words.notFound}
      </Title>
      <Anchor component={Link} to="/">
        {words.toOverview}
      </Anchor>
    </Stack>
  );
}

export function Broken({ error, reset }: ErrorComponentProps): ReactNode {
  const words = useTexts(SHELL);
  return (
    <Stack align="center" py={64} role="alert">
      <Title order={1} size="h3">
        {words.broken}
      </Title>
      <Text component="div" size="sm">
        <Code>{error instanceof Error ? error.message : String(error)}</Code>
      </Text>
      <Button onClick={reset}>{words.reload}</Button>
    </Stack>
  );
}

export function Loading(): ReactNode {
  return <Rows rows={8} />;
}

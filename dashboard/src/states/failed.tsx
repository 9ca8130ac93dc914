import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconLock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { HeadgateError } from "../../../client/errors.ts";
import { useTexts } from "../i18n/language.tsx";
import { SHELL } from "../i18n/shell.ts";

/** In place of what could not be loaded: why, and a way to ask again. */
export function Failed({
  error,
  retry,
}: {
  readonly error: Error;
  readonly retry: () => unknown;
}): ReactNode {
  const words = useTexts(SHELL);
  // `fetch` tells no more than this of a server that is away.
  const reason = error instanceof TypeError ? words.unreachable : error.message;
  const isForbidden = error instanceof HeadgateError && error.status === 403;
  return (
    <Alert
      color={isForbidden ? "gray" : "red"}
      title={isForbidden ? words.forbidden : words.failed}
      icon={isForbidden ? <IconLock /> : <IconAlertTriangle />}
      role="alert"
    >
      <Group justify="space-between">
        <Text size="sm">
          {reason} {isForbidden && words.forbiddenAbout}
        </Text>
        <Button size="xs" variant="default" onClick={() => void retry()}>
          {words.retry}
        </Button>
      </Group>
    </Alert>
  );
}

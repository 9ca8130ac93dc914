import { Alert, Badge, Group, Progress, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { IconCheck, IconCopy, IconHourglass } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { TaskView } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TASK } from "../../i18n/task.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { copy } from "../../shell/copy.ts";
import { StatusBadge } from "../tasks/status-badge.tsx";
import { Actions } from "./actions.tsx";

/** Which task it is, where it stands, and what may be done to it. */
export function Head({ task }: { readonly task: TaskView }): ReactNode {
  const words = useTexts(TASK);
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-start">
        <Stack gap={6} flex={1} miw={260}>
          <Title order={1} size="h4" ff="monospace" lineClamp={3} style={{ overflowWrap: "anywhere" }}>
            {task.method} {task.path}
          </Title>
          <Group gap="xs">
            <StatusBadge status={task.status} />
            {task.reason !== task.status && (
              <Text size="sm" c="dimmed">
                {task.reason}
              </Text>
            )}
            {task.is_long_task && (
              <Badge variant="outline" color="orange" radius="sm">
                {words.long}
              </Badge>
            )}
            <CopyId id={task.task_id} />
          </Group>
        </Stack>
        <Actions task={task} />
      </Group>
      <Standing task={task} />
    </Stack>
  );
}

function CopyId({ id }: { readonly id: string }): ReactNode {
  const words = useTexts(TASK);
  const [isCopied, setCopied] = useState(false);
  return (
    <UnstyledButton
      onClick={() => void copy(id).then(() => setCopied(true))}
      aria-label={`${isCopied ? words.copied : words.copyId}: ${id}`}
    >
      <Group gap={4} wrap="nowrap">
        <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: "anywhere" }}>
          {id}
        </Text>
        {isCopied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
      </Group>
    </UnstyledButton>
  );
}

/** What it waits for, how far it is, or why it failed: in words. */
function Standing({ task }: { readonly task: TaskView }): ReactNode {
  const words = useTexts(TASK);
  const format = useFormat();
  const { waiting_for: hold, position, eta_seconds: eta, progress, error } = task;
  const percent = progress?.percent ?? null;
  const facts = [
    ...(position === null ? [] : [words.position(format.count(position))]),
    ...(eta === null ? [] : [eta < 1 ? words.soon : words.eta(format.duration(eta * 1_000))]),
  ];
  return (
    <>
      {(hold !== null || facts.length > 0) && (
        <Alert
          variant="light"
          color="gate"
          icon={<IconHourglass size={18} />}
          title={hold === null ? null : words.waiting}
        >
          <Text size="sm">
            {hold !== null && (words.holds[hold.reason] ?? hold.reason)}
            {hold?.until ? `, ${words.until(format.time(hold.until))}` : ""}
            {hold !== null && facts.length > 0 ? " · " : ""}
            {facts.join(" · ")}
          </Text>
        </Alert>
      )}
      {progress !== null && (
        <Stack gap={4}>
          <Group justify="space-between">
            <Text size="sm">{progress.message ?? words.progress}</Text>
            {percent !== null && (
              <Text size="sm" fw={600}>
                {format.percent(percent / 100)}
              </Text>
            )}
          </Group>
          <Progress
            value={percent ?? 0}
            animated={task.status === "processing"}
            aria-label={words.progress}
          />
        </Stack>
      )}
      {error !== null && (
        <Alert variant="light" color="red" title={error.code}>
          {error.message}
        </Alert>
      )}
    </>
  );
}

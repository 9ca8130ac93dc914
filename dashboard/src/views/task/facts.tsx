import { Anchor, Badge, Card, Group, SimpleGrid, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { TaskView } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TASK } from "../../i18n/task.ts";
import { useFormat } from "../../i18n/use-format.ts";

/** What is known of a task, at a glance. */
export function Facts({ task }: { readonly task: TaskView }): ReactNode {
  const words = useTexts(TASK);
  const format = useFormat();
  // With that of the world, as it stands in logs.
  const time = (iso: string | null): ReactNode =>
    iso === null ? "–" : <time title={iso}>{format.dateTime(iso)}</time>;
  const took = task.duration_seconds;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [words.route, task.route],
    [words.client, task.client],
    [words.priority, String(task.priority)],
    [words.accepted, time(task.created_at)],
    [words.started, time(task.started_at)],
    [words.ended, time(task.completed_at)],
    [words.waited, format.duration(task.queue_seconds * 1_000)],
    [words.took, took === null ? "–" : format.duration(took * 1_000)],
  ];
  const labels = Object.entries(task.labels);
  return (
    <Card withBorder padding="md" radius="md">
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="md">
        {facts.map(([name, value]) => (
          <div key={name}>
            <Text size="xs" c="dimmed">
              {name}
            </Text>
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {value}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      {(labels.length > 0 || task.retry_of !== null) && (
        <Group gap="xs" mt="md">
          {labels.map(([key, value]) => (
            <Badge key={key} variant="default" tt="none" radius="sm">
              {key}={value}
            </Badge>
          ))}
          {task.retry_of !== null && (
            <Anchor component={Link} to="/tasks/$id" params={{ id: task.retry_of } as never} size="sm">
              {words.retryOf} {task.retry_of}
            </Anchor>
          )}
        </Group>
      )}
    </Card>
  );
}

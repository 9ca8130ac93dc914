import { Button, Code, Group, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Delivery, DeliveryTry } from "../../../../client/webhooks.ts";
import { useTexts } from "../../i18n/language.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { WEBHOOKS } from "../../i18n/webhooks.ts";
import { useMay } from "../../session/may.ts";
import { useSession } from "../../session/session.tsx";
import { useDeed } from "../../session/use-deed.ts";
import { ViewLink } from "../../shell/link.tsx";
import { Fact } from "../../states/fact.tsx";
import classes from "../../traffic/traffic.module.css";

/** A delivery with its tries, and the way to send it again. */
export function DeliveryDetails({ delivery }: { readonly delivery: Delivery }): ReactNode {
  const words = useTexts(WEBHOOKS);
  const { dateTime } = useFormat();
  const { client } = useSession();
  const again = useDeed(() => client.webhooks.redeliver(delivery.id), {
    said: () => words.redelivered,
    failed: words.failed,
    changes: ["deliveries"],
  });
  const may = useMay();
  const { id, url, endpoint, task_id: task, next_at: nextAt, state } = delivery;
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start" gap="md">
        <SimpleGrid component="dl" m={0} cols={{ base: 1, sm: 2 }} spacing="lg" verticalSpacing="xs">
          <Fact name={`${words.to} ${endpoint ?? words.client}`}>
            <Code className={classes["anywhere"] ?? ""}>{url}</Code>
          </Fact>
          <Fact name={words.id}>
            <Code className={classes["anywhere"] ?? ""}>{id}</Code>
          </Fact>
          {task !== null && (
            <Fact name={words.task}>
              <ViewLink to="/tasks/$id" params={{ id: task }} ff="monospace">
                {task}
              </ViewLink>
            </Fact>
          )}
          {nextAt !== null && (
            <Fact name={words.next}>
              <Text size="sm">{dateTime(nextAt)}</Text>
            </Fact>
          )}
        </SimpleGrid>
        {may("operate") && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={again.isPending}
            disabled={state === "pending"}
            onClick={() => again.mutate(null)}
          >
            {words.redeliver}
          </Button>
        )}
      </Group>
      {delivery.log.length === 0 ? (
        <Text size="sm" c="dimmed">
          {words.noTries}
        </Text>
      ) : (
        <Tries log={delivery.log} />
      )}
    </Stack>
  );
}

function Tries({ log }: { readonly log: readonly DeliveryTry[] }): ReactNode {
  const words = useTexts(WEBHOOKS);
  const { dateTime, duration } = useFormat();
  return (
    <Table verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.triedAt}</Table.Th>
          <Table.Th>{words.took}</Table.Th>
          <Table.Th>{words.answer}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {log.map(({ at, duration_seconds: seconds, status, error }) => (
          <Table.Tr key={at}>
            <Table.Td>{dateTime(at)}</Table.Td>
            <Table.Td>{duration(seconds * 1_000)}</Table.Td>
            <Table.Td className={classes["anywhere"] ?? ""}>{error ?? status}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

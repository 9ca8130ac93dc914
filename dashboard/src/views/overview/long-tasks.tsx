import { Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Stats, TaskView } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { OVERVIEW } from "../../i18n/overview.ts";
import { TRAFFIC } from "../../i18n/traffic.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useSession } from "../../session/session.tsx";
import { ViewLink } from "../../shell/link.tsx";
import { Failed } from "../../states/failed.tsx";
import { Loading } from "../../states/loading.tsx";
import classes from "../../traffic/traffic.module.css";

const MOST = 10;

/** The tasks that run for long, the longest first. */
export function LongTasks({ stats }: { readonly stats: Stats }): ReactNode {
  const words = useTexts(OVERVIEW);
  const traffic = useTexts(TRAFFIC);
  const format = useFormat();
  const { client } = useSession();
  const { running, threshold_seconds: thresholdSeconds } = stats.long_tasks;
  const { data, error, dataUpdatedAt, refetch } = useQuery({
    queryKey: ["tasks", "long"],
    enabled: running > 0,
    refetchInterval: 5_000,
    async queryFn({ signal }) {
      // What has run for so long was accepted before.
      const until = new Date(Date.now() - thresholdSeconds * 1_000);
      const { tasks } = await client.page({ status: "processing", until }, { limit: 200, signal });
      return longest(tasks);
    },
  });
  if (running === 0) {
    return (
      <Text size="sm" c="dimmed" py="xs">
        {words.noLongTasks}
      </Text>
    );
  }
  if (error !== null) return <Failed error={error} retry={refetch} />;
  if (data === undefined) return <Loading rows={Math.min(running, MOST)} />;
  return (
    <Table verticalSpacing="xs" highlightOnHover tabularNums>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.task}</Table.Th>
          <Table.Th visibleFrom="md">{traffic.lane}</Table.Th>
          <Table.Th w={120} ta="right">
            {words.since}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {data.map(({ task_id: id, method, path, route, started_at: startedAt }) => (
          <Table.Tr key={id}>
            <Table.Td>
              <ViewLink to="/tasks/$id" params={{ id }} data-row>
                <span className={classes["anywhere"]}>
                  {method} {path}
                </span>
              </ViewLink>
            </Table.Td>
            <Table.Td visibleFrom="md">{route}</Table.Td>
            <Table.Td ta="right">{format.duration(dataUpdatedAt - Date.parse(startedAt ?? ""))}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function longest(tasks: readonly TaskView[]): readonly TaskView[] {
  return tasks
    .filter(({ is_long_task: isLong, started_at: startedAt }) => isLong && startedAt !== null)
    .toSorted((a, b) => Date.parse(a.started_at ?? "") - Date.parse(b.started_at ?? ""))
    .slice(0, MOST);
}

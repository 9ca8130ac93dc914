import { Group, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Lane } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TRAFFIC } from "../../i18n/traffic.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { ViewLink } from "../../shell/link.tsx";
import { LaneBadge } from "../../traffic/lane-badge.tsx";
import { Meter } from "../../traffic/meter.tsx";
import { PercentilesText } from "../../traffic/percentiles.tsx";

/** The lanes, a line each. */
export function LaneTable({ lanes }: { readonly lanes: readonly Lane[] }): ReactNode {
  const words = useTexts(TRAFFIC);
  const { count } = useFormat();
  return (
    <Table verticalSpacing="sm" highlightOnHover tabularNums>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.lane}</Table.Th>
          <Table.Th w={130}>{words.waiting}</Table.Th>
          <Table.Th w={110}>{words.inFlight}</Table.Th>
          <Table.Th visibleFrom="md" ta="right">
            {words.completed}
          </Table.Th>
          <Table.Th visibleFrom="md" ta="right">
            {words.failed}
          </Table.Th>
          <Table.Th visibleFrom="lg" ta="right">
            {words.waited}
          </Table.Th>
          <Table.Th visibleFrom="lg" ta="right">
            {words.ran}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {lanes.map((lane) => (
          <Table.Tr key={lane.name}>
            <Table.Td>
              <Group gap="xs">
                <ViewLink to="/lanes" hash={`lane-${lane.name}`} fw={600} data-row>
                  {lane.name}
                </ViewLink>
                <LaneBadge lane={lane} />
              </Group>
            </Table.Td>
            <Table.Td>
              <Meter label={words.waiting} used={lane.queue.size} limit={lane.queue.capacity} />
            </Table.Td>
            <Table.Td>
              <Meter label={words.inFlight} used={lane.in_flight} limit={lane.limit} />
            </Table.Td>
            <Table.Td visibleFrom="md" ta="right">
              {count(lane.totals.completed)}
            </Table.Td>
            <Table.Td visibleFrom="md" ta="right">
              {lane.totals.failed > 0 ? (
                <ViewLink to="/tasks" search={{ route: lane.name, status: "failed" }}>
                  {count(lane.totals.failed)}
                </ViewLink>
              ) : (
                <Text size="sm" c="dimmed">
                  0
                </Text>
              )}
            </Table.Td>
            <Table.Td visibleFrom="lg" ta="right">
              <PercentilesText seconds={lane.queue_wait_seconds} />
            </Table.Td>
            <Table.Td visibleFrom="lg" ta="right">
              <PercentilesText seconds={lane.target_seconds} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

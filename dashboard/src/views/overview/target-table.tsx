import { Code, Group, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Target } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TRAFFIC } from "../../i18n/traffic.ts";
import { Meter } from "../../traffic/meter.tsx";
import { PercentilesText } from "../../traffic/percentiles.tsx";
import { TargetBadges } from "../../traffic/target-badges.tsx";
import classes from "../../traffic/traffic.module.css";

/** The targets, a line each. */
export function TargetTable({ targets }: { readonly targets: readonly Target[] }): ReactNode {
  const words = useTexts(TRAFFIC);
  return (
    <Table verticalSpacing="sm" highlightOnHover tabularNums>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.target}</Table.Th>
          <Table.Th visibleFrom="md">{words.pool}</Table.Th>
          <Table.Th w={110}>{words.inFlight}</Table.Th>
          <Table.Th visibleFrom="md" ta="right">
            {words.ran}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {targets.map((target) => (
          <Table.Tr key={`${target.pool} ${target.url}`}>
            <Table.Td>
              <Group gap="xs">
                <Code className={classes["anywhere"] ?? ""}>{target.url}</Code>
                <TargetBadges target={target} />
              </Group>
              {target.circuit.last_failure !== null && target.circuit.state !== "closed" && (
                <Text size="xs" c="dimmed" mt={4} className={classes["anywhere"] ?? ""}>
                  {target.circuit.last_failure}
                </Text>
              )}
            </Table.Td>
            <Table.Td visibleFrom="md">{target.pool}</Table.Td>
            <Table.Td>
              <Meter label={words.inFlight} used={target.in_flight} limit={target.limit} />
            </Table.Td>
            <Table.Td visibleFrom="md" ta="right">
              <PercentilesText seconds={target.target_seconds} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

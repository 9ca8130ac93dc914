import { Code, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { Target } from "../../../../client/views.ts";
import { LANES } from "../../i18n/lanes.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TRAFFIC } from "../../i18n/traffic.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { Fact } from "../../states/fact.tsx";
import { Meter } from "../../traffic/meter.tsx";
import { PercentilesText } from "../../traffic/percentiles.tsx";
import { TargetBadges } from "../../traffic/target-badges.tsx";
import classes from "../../traffic/traffic.module.css";

/** A target: its health, and what its circuit breaker makes of it. */
export function TargetCard({ target }: { readonly target: Target }): ReactNode {
  const words = useTexts(LANES);
  const traffic = useTexts(TRAFFIC);
  const { count } = useFormat();
  const { url, pool, weight } = target;
  return (
    <Paper withBorder p="md" component="section" aria-label={`${pool} ${url}`}>
      <Stack gap="sm">
        <div>
          <Title order={3} size="sm" ff="monospace" fw={600} className={classes["anywhere"] ?? ""}>
            {url}
          </Title>
          <Text size="xs" c="dimmed">
            {pool} · {words.weight(count(weight))}
          </Text>
        </div>
        <TargetBadges target={target} />
        <SimpleGrid cols={2} component="dl" m={0}>
          <Fact name={traffic.inFlight}>
            <Meter label={traffic.inFlight} used={target.in_flight} limit={target.limit} />
          </Fact>
          <Fact name={traffic.ran}>
            <PercentilesText seconds={target.target_seconds} />
          </Fact>
        </SimpleGrid>
        <Failures target={target} />
      </Stack>
    </Paper>
  );
}

function Failures({ target: { circuit } }: { readonly target: Target }): ReactNode {
  const words = useTexts(LANES);
  const { count, time } = useFormat();
  if (circuit.failures === 0) return null;
  return (
    <Text size="xs" c="dimmed" component="div">
      <Group gap={6}>
        <span>{words.failures(count(circuit.failures))}</span>
        {circuit.last_failure !== null && (
          <Code title={words.lastFailure} className={classes["anywhere"] ?? ""}>
            {circuit.last_failure}
          </Code>
        )}
        {circuit.until !== null && <span>{words.triedAt(time(circuit.until))}</span>}
      </Group>
    </Text>
  );
}

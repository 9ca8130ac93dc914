import { Badge, Button, Code, Group, Paper, SimpleGrid, Stack, Text, Title, Tooltip } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Lane } from "../../../../client/views.ts";
import { LANES } from "../../i18n/lanes.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TRAFFIC } from "../../i18n/traffic.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useMay } from "../../session/may.ts";
import { useSession } from "../../session/session.tsx";
import { useDeed } from "../../session/use-deed.ts";
import { Fact } from "../../states/fact.tsx";
import { LaneBadge } from "../../traffic/lane-badge.tsx";
import { Meter } from "../../traffic/meter.tsx";
import { PercentilesText } from "../../traffic/percentiles.tsx";
import classes from "../../traffic/traffic.module.css";

/** A lane: what comes into it, how it is, and its switches. */
export function LaneCard({
  lane,
  onLimits,
}: {
  readonly lane: Lane;
  readonly onLimits: () => void;
}): ReactNode {
  const words = useTexts(LANES);
  const may = useMay();
  return (
    <Paper withBorder p="md" component="section" aria-label={lane.name} id={`lane-${lane.name}`}>
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" gap="xs">
          <Group gap="xs">
            <Title order={3} size="h5">
              {lane.name}
            </Title>
            <LaneBadge lane={lane} />
          </Group>
          {lane.target !== null && may("operate") && <Switches lane={lane} onLimits={onLimits} />}
        </Group>
        {lane.target === null ? (
          <Text size="sm" c="dimmed">
            {words.former}
          </Text>
        ) : (
          <Way lane={lane} />
        )}
        <Facts lane={lane} />
      </Stack>
    </Paper>
  );
}

function Switches({ lane, onLimits }: { readonly lane: Lane; readonly onLimits: () => void }): ReactNode {
  const words = useTexts(LANES);
  const { client } = useSession();
  const turn = useDeed((to: "pause" | "resume") => client[to](lane.name), {
    said: (to) => (to === "pause" ? words.paused(lane.name) : words.resumed(lane.name)),
    failed: words.failed,
    changes: ["stats"],
  });
  const Icon = lane.paused ? IconPlayerPlay : IconPlayerPause;
  return (
    <Group gap="xs">
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
        aria-label={words.limitsOf(lane.name)}
        onClick={onLimits}
        data-row
      >
        {words.limits}
      </Button>
      <Button
        size="compact-sm"
        variant={lane.paused ? "filled" : "default"}
        leftSection={<Icon size={16} aria-hidden />}
        aria-label={lane.paused ? words.resumeOf(lane.name) : words.pauseOf(lane.name)}
        loading={turn.isPending}
        onClick={() => turn.mutate(lane.paused ? "resume" : "pause")}
      >
        {lane.paused ? words.resume : words.pause}
      </Button>
    </Group>
  );
}

/** Which requests come here, and where they go. */
function Way({ lane }: { readonly lane: Lane }): ReactNode {
  const words = useTexts(LANES);
  const from = [...lane.hosts, ...lane.methods];
  return (
    <Group gap={6}>
      {from.map((each) => (
        <Code key={each}>{each}</Code>
      ))}
      {lane.match.length === 0 ? (
        <Text size="sm" c="dimmed" span>
          {words.everything}
        </Text>
      ) : (
        lane.match.map((pattern) => (
          <Code key={pattern} className={classes["anywhere"] ?? ""}>
            {pattern}
          </Code>
        ))
      )}
      <Text size="sm" c="dimmed" span>
        {words.to}
      </Text>
      <Code>{lane.target}</Code>
    </Group>
  );
}

function Facts({ lane }: { readonly lane: Lane }): ReactNode {
  const words = useTexts(LANES);
  const traffic = useTexts(TRAFFIC);
  const { count } = useFormat();
  const { overrides } = lane;
  return (
    <SimpleGrid cols={{ base: 2, sm: 3 }} component="dl" m={0} verticalSpacing="sm">
      <Fact name={traffic.waiting}>
        <Meter label={traffic.waiting} used={lane.queue.size} limit={lane.queue.capacity} />
        <Changed isSo={overrides.queue !== null} />
      </Fact>
      <Fact name={traffic.inFlight}>
        <Meter label={traffic.inFlight} used={lane.in_flight} limit={lane.limit} />
        <Changed isSo={overrides.max_concurrent !== null} more={lane.adaptive ? words.adaptive : null} />
      </Fact>
      <Fact name={words.rate}>
        <Text size="sm">{lane.rate ?? words.noRate}</Text>
        <Changed isSo={overrides.rate !== null} />
      </Fact>
      <Fact name={`${traffic.completed} · ${traffic.failed}`}>
        <Text size="sm">
          {count(lane.totals.completed)} · {count(lane.totals.failed)}
        </Text>
      </Fact>
      <Fact name={traffic.waited}>
        <PercentilesText seconds={lane.queue_wait_seconds} />
      </Fact>
      <Fact name={traffic.ran}>
        <PercentilesText seconds={lane.target_seconds} />
      </Fact>
    </SimpleGrid>
  );
}

function Changed({
  isSo,
  more = null,
}: {
  readonly isSo: boolean;
  readonly more?: string | null;
}): ReactNode {
  const words = useTexts(LANES);
  if (!isSo && more === null) return null;
  return (
    <Group gap={4} mt={4}>
      {more !== null && (
        <Badge size="xs" variant="default">
          {more}
        </Badge>
      )}
      {isSo && (
        <Tooltip label={words.changedAbout}>
          <Badge size="xs" variant="default" tabIndex={0}>
            {words.changed}
          </Badge>
        </Tooltip>
      )}
    </Group>
  );
}

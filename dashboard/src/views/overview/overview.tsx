import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { Navigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Stats } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { OVERVIEW } from "../../i18n/overview.ts";
import { SHELL } from "../../i18n/shell.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useStats } from "../../live/stats.ts";
import { useMay } from "../../session/may.ts";
import { useRowKeys } from "../../shell/row-keys.ts";
import { Empty } from "../../states/empty.tsx";
import { Failed } from "../../states/failed.tsx";
import { Loading } from "../../states/loading.tsx";
import { Attention } from "./attention.tsx";
import { Figures } from "./figures.tsx";
import { LaneTable } from "./lane-table.tsx";
import { LongTasks } from "./long-tasks.tsx";
import { TargetTable } from "./target-table.tsx";

/** How everything stands. */
export function Overview(): ReactNode {
  const may = useMay();
  // Whoever may see his own tasks only has nothing here.
  return may("survey") ? <Whole /> : <Navigate to="/tasks" replace />;
}

function Whole(): ReactNode {
  const shell = useTexts(SHELL);
  const words = useTexts(OVERVIEW);
  const format = useFormat();
  const { data: stats, error, refetch } = useStats();
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="baseline">
        <Title order={1} size="h2">
          {shell.overview}
        </Title>
        {stats !== undefined && (
          <Text size="sm" c="dimmed">
            {words.uptime(format.duration(stats.uptime_seconds * 1_000))}
          </Text>
        )}
      </Group>
      {error !== null && <Failed error={error} retry={refetch} />}
      {stats !== undefined && <Facts stats={stats} />}
      {stats === undefined && error === null && <Loading rows={4} height={140} />}
    </Stack>
  );
}

function Facts({ stats }: { readonly stats: Stats }): ReactNode {
  const words = useTexts(OVERVIEW);
  const format = useFormat();
  const rows = useRowKeys();
  const { lanes, targets, long_tasks: longTasks } = stats;
  return (
    <Stack gap="lg" ref={rows}>
      <Attention stats={stats} />
      <Figures stats={stats} />
      <Part title={words.lanes}>
        {lanes.length === 0 ? <Empty title={words.noLanes} /> : <LaneTable lanes={lanes} />}
      </Part>
      <Part title={words.targets}>
        {targets.length === 0 ? <Empty title={words.noTargets} /> : <TargetTable targets={targets} />}
      </Part>
      <Part
        title={words.longTasks}
        about={words.longTasksAbout(format.duration(longTasks.threshold_seconds * 1_000))}
      >
        <LongTasks stats={stats} />
      </Part>
    </Stack>
  );
}

function Part({
  title,
  about,
  children,
}: {
  readonly title: string;
  readonly about?: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Group gap="xs" align="baseline" mb={4}>
        <Title order={2} size="h5">
          {title}
        </Title>
        {about !== undefined && (
          <Text size="xs" c="dimmed">
            {about}
          </Text>
        )}
      </Group>
      {children}
    </Paper>
  );
}

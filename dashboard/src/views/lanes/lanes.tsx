import { SimpleGrid, Stack, Title } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { Stats } from "../../../../client/views.ts";
import { LANES } from "../../i18n/lanes.ts";
import { useTexts } from "../../i18n/language.tsx";
import { SHELL } from "../../i18n/shell.ts";
import { useStats } from "../../live/stats.ts";
import { useRowKeys } from "../../shell/row-keys.ts";
import { Empty } from "../../states/empty.tsx";
import { Failed } from "../../states/failed.tsx";
import { Loading } from "../../states/loading.tsx";
import { LaneCard } from "./lane-card.tsx";
import { TargetCard } from "./target-card.tsx";

const LimitsDialog = lazy(() => import("./limits-dialog.tsx"));

/** The lanes and the targets, and what an operator may do to them. */
export function Lanes(): ReactNode {
  const shell = useTexts(SHELL);
  const { data: stats, error, refetch } = useStats();
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        {shell.lanes}
      </Title>
      {error !== null && <Failed error={error} retry={refetch} />}
      {stats !== undefined && <Both stats={stats} />}
      {stats === undefined && error === null && <Loading rows={4} height={160} />}
    </Stack>
  );
}

function Both({ stats: { lanes, targets } }: { readonly stats: Stats }): ReactNode {
  const words = useTexts(LANES);
  const rows = useRowKeys();
  const [changing, setChanging] = useState<string | null>(null);
  const lane = lanes.find(({ name }) => name === changing);
  return (
    <Stack gap="md" ref={rows}>
      <Title order={2} size="h4">
        {words.lanes}
      </Title>
      {lanes.length === 0 && <Empty title={words.noLanes} />}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        {lanes.map((each) => (
          <LaneCard key={each.name} lane={each} onLimits={() => setChanging(each.name)} />
        ))}
      </SimpleGrid>
      <Title order={2} size="h4" mt="sm" id="targets">
        {words.targets}
      </Title>
      {targets.length === 0 && <Empty title={words.noTargets} />}
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }} spacing="md">
        {targets.map((each) => (
          <TargetCard key={`${each.pool} ${each.url}`} target={each} />
        ))}
      </SimpleGrid>
      {lane !== undefined && (
        <Suspense>
          <LimitsDialog lane={lane} onClose={() => setChanging(null)} />
        </Suspense>
      )}
    </Stack>
  );
}

import { Button, Code, Group, Stack, Title } from "@mantine/core";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { useTexts } from "../../i18n/language.tsx";
import { TASKS } from "../../i18n/tasks.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useCounts } from "../../live/stats.ts";
import { BASE_URL } from "../../session/base-url.ts";
import { useMay } from "../../session/may.ts";
import { isTyping } from "../../shell/shortcuts.tsx";
import { Empty } from "../../states/empty.tsx";
import { Failed } from "../../states/failed.tsx";
import { Loading } from "../../states/loading.tsx";
import { Filters } from "./filters.tsx";
import { isFiltered, type TaskSearch, totalOf } from "./search.ts";
import { TaskTable } from "./table.tsx";
import { useTasks } from "./use-tasks.ts";

const Bulk = lazy(() => import("./bulk.tsx"));

const route = getRouteApi("/tasks");
const TOP_PX = 8;

/** All tasks, as they come and go. */
export function Tasks(): ReactNode {
  const words = useTexts(TASKS);
  const format = useFormat();
  const search = route.useSearch();
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const searchBox = useRef<HTMLInputElement>(null);
  const [active, setActive] = useState(-1);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [isEvery, setEvery] = useState(false);
  const may = useMay();
  const mayHandle = may("handle");
  const total = totalOf(search, useCounts(search.route));
  const { query, rows, fresh, renew } = useTasks(
    search,
    () => selected.size === 0 && (scroller.current?.scrollTop ?? 0) < TOP_PX,
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const isAllSelected = selected.size > 0 && rows.every(({ task_id }) => selected.has(task_id));

  const select = useCallback((ids: readonly string[], isSelected: boolean) => {
    setEvery(false);
    setSelected((before) => {
      const next = new Set(before);
      for (const id of ids) {
        if (isSelected) next.add(id);
        else next.delete(id);
      }
      return next;
    });
  }, []);
  const unselect = useCallback(() => {
    setEvery(false);
    setSelected(new Set());
  }, []);
  const change = useCallback(
    (next: TaskSearch) => {
      setActive(-1);
      unselect();
      void navigate({ to: "/tasks", search: next, replace: true });
    },
    [navigate, unselect],
  );
  const loadMore = useCallback(() => void fetchNextPage(), [fetchNextPage]);

  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (isTyping(event)) return;
      const task = rows[active];
      const step = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
      if (step !== 0) {
        setActive((index) => Math.max(0, Math.min(rows.length - 1, index + step)));
        // Else Enter would be for what was clicked before.
        scroller.current?.focus({ preventScroll: true });
      } else if (event.key === "/") searchBox.current?.focus();
      else if (event.key === "x" && task !== undefined && mayHandle)
        select([task.task_id], !selected.has(task.task_id));
      // What has the focus may have a meaning for it: a link, a button.
      else if (event.key === "Enter" && task !== undefined && !hasOwnEnter(event.target)) {
        void navigate({ to: "/tasks/$id", params: { id: task.task_id } });
      } else return;
      event.preventDefault();
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [rows, active, selected, select, navigate, mayHandle]);

  return (
    <Stack gap="sm">
      <Group justify="space-between" mih={36}>
        <Title order={1} size="h3">
          {words.title}
        </Title>
        <Group gap="sm">
          {fresh > 0 && (
            <Button
              size="xs"
              variant="light"
              onClick={() => (scroller.current?.scrollTo({ top: 0 }), renew())}
            >
              {words.fresh(format.count(fresh))}
            </Button>
          )}
          {selected.size > 0 && (
            <Suspense>
              <Bulk
                selected={selected}
                search={search}
                isEvery={isEvery}
                chooseEvery={hasNextPage && isAllSelected ? () => setEvery(true) : null}
                total={total}
                clear={unselect}
              />
            </Suspense>
          )}
        </Group>
      </Group>
      <Filters search={search} change={change} searchBox={searchBox} />
      {query.error !== null && <Failed error={query.error} retry={query.refetch} />}
      {query.isPending && query.error === null && <Loading rows={10} height={40} />}
      {query.isSuccess && rows.length === 0 && !hasNextPage && (
        <Empty title={isFiltered(search) ? words.noneFiltered : words.none}>
          {isFiltered(search) ? (
            words.noneFilteredHint
          ) : (
            <Stack gap="xs">
              {words.noneHint}
              <Code block>{`curl -X POST ${BASE_URL}/api/function1 -d '{}'`}</Code>
            </Stack>
          )}
        </Empty>
      )}
      {(rows.length > 0 || hasNextPage) && (
        <TaskTable
          rows={rows}
          active={active}
          selected={selected}
          isEvery={isEvery}
          select={mayHandle ? select : null}
          scroller={scroller}
          hasMore={hasNextPage}
          isLoading={isFetchingNextPage}
          loadMore={loadMore}
        />
      )}
    </Stack>
  );
}

function hasOwnEnter(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("a, button, input");
}

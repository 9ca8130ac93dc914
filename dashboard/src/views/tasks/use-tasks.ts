import {
  type InfiniteData,
  keepPreviousData,
  useInfiniteQuery,
  type UseInfiniteQueryResult,
  useQueryClient,
} from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { TaskList, TaskView } from "../../../../client/views.ts";
import { useLive } from "../../live/live.tsx";
import { useSession } from "../../session/session.tsx";
import { type TaskSearch, toFilter } from "./search.ts";

const PAGE = 100;

/** More than this many pages are not renewed at once: whoever is that deep has left the present behind. */
const RENEWED_PAGES = 2;

/** New tasks are asked for at most so often, however fast they come. */
const RENEW_EVERY_MS = 1_000;

export interface Tasks {
  readonly query: UseInfiniteQueryResult<InfiniteData<TaskList>>;
  readonly rows: readonly TaskView[];
  /** Accepted since the list was read, while it was not at its top. */
  readonly fresh: number;
  /** Reads the list anew, from its top. */
  readonly renew: () => void;
}

/**
 * The tasks that a search finds, page by page. What happens to one that is shown is shown at once; new ones come in by
 * themselves while the top is in view, and are counted otherwise, so that nothing moves under the reader.
 */
export function useTasks(search: TaskSearch, isAtTop: () => boolean): Tasks {
  const { client } = useSession();
  const queries = useQueryClient();
  const [fresh, setFresh] = useState(0);
  const renewedAt = useRef(0);
  const key = ["tasks", search] as const;
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      client.page(toFilter(search), { limit: PAGE, cursor: pageParam, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });

  function renew(): void {
    setFresh(0);
    renewedAt.current = Date.now();
    // Only the first pages: the rest follows when it is scrolled to.
    queries.setQueryData<InfiniteData<TaskList>>(
      key,
      (data) => data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) },
    );
    void queries.invalidateQueries({ queryKey: key });
  }

  useLive((events) => {
    const changes = new Map<string, Partial<TaskView>>();
    let added = 0;
    for (const { type, data } of events) {
      if (type === "reset") return renew();
      if (type !== "state" && type !== "final" && type !== "progress") continue;
      const news = data as Partial<TaskView> & { readonly task_id: string; readonly attempt?: number | null };
      if (type === "state" && news.status === "pending" && news.attempt === null) added += 1;
      changes.set(news.task_id, { ...changes.get(news.task_id), ...changeOf(type, news) });
    }
    if (changes.size > 0) {
      queries.setQueryData<InfiniteData<TaskList>>(key, (data) => data && withChanges(data, changes));
    }
    if (added === 0) return;
    const mayRenew = isAtTop() && (query.data?.pages.length ?? 0) <= RENEWED_PAGES;
    if (mayRenew && Date.now() - renewedAt.current >= RENEW_EVERY_MS) renew();
    else setFresh((count) => count + added);
  });

  return { query, rows: query.data?.pages.flatMap(({ tasks }) => tasks) ?? [], fresh, renew };
}

function changeOf(type: string, news: Partial<TaskView>): Partial<TaskView> {
  if (type === "progress") return {};
  const { status, reason } = news;
  return {
    ...(status === undefined ? {} : { status }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Pages without a change stay the same objects, so that their rows are not drawn again. */
function withChanges(
  data: InfiniteData<TaskList>,
  changes: ReadonlyMap<string, Partial<TaskView>>,
): InfiniteData<TaskList> {
  let isChanged = false;
  const pages = data.pages.map((page) => {
    if (!page.tasks.some(({ task_id }) => changes.has(task_id))) return page;
    isChanged = true;
    const tasks = page.tasks.map((task) => {
      const change = changes.get(task.task_id);
      return change === undefined ? task : Object.assign({}, task, change);
    });
    return { tasks, next_cursor: page.next_cursor };
  });
  return isChanged ? { pages, pageParams: data.pageParams } : data;
}

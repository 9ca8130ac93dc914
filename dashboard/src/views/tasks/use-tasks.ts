import {
  type InfiniteData,
  keepPreviousData,
  useInfiniteQuery,
  type UseInfiniteQueryResult,
  useQueryClient,
} from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { TaskList, TaskView } from "../../../../client/views.ts";
import { useLive } from "../../live/live.tsx";
import { useSession } from "../../session/session.tsx";
import { type News, takeNews, withNews } from "./news.ts";
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
  const later = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(later.current), [search]);
  /** As it is when it is asked, not as it was when the timer was set. */
  const atTop = useRef(isAtTop);
  useEffect(() => {
    atTop.current = isAtTop;
  });
  /** What is told while a page is under way may be newer than the page. */
  const underWay = useRef(new Set<News>());
  const key = ["tasks", search] as const;
  const query = useInfiniteQuery({
    queryKey: key,
    async queryFn({ pageParam, signal }) {
      const meanwhile: News = new Map();
      underWay.current.add(meanwhile);
      try {
        const page = await client.page(toFilter(search), { limit: PAGE, cursor: pageParam, signal });
        return withNews(page, meanwhile);
      } finally {
        underWay.current.delete(meanwhile);
      }
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    // Else all pages would be compared with themselves for each that is added.
    structuralSharing: false,
  });

  function renew(): void {
    clearTimeout(later.current);
    later.current = undefined;
    setFresh(0);
    renewedAt.current = Date.now();
    // Only the first pages: the rest follows when it is scrolled to.
    queries.setQueryData<InfiniteData<TaskList>>(
      key,
      (data) => data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) },
    );
    void queries.invalidateQueries({ queryKey: key });
  }

  function mayRenew(): boolean {
    return atTop.current() && (query.data?.pages.length ?? 0) <= RENEWED_PAGES;
  }

  function renewIfAtTop(): void {
    later.current = undefined;
    if (mayRenew()) renew();
    else setFresh((count) => count + 1);
  }

  useLive((events) => {
    if (events.some(({ type }) => type === "reset")) return renew();
    const news: News = new Map();
    const accepted = takeNews(events, news);
    for (const meanwhile of underWay.current) takeNews(events, meanwhile);
    if (news.size > 0) {
      queries.setQueryData<InfiniteData<TaskList>>(key, (data) => data && withNewsOnPages(data, news));
    }
    if (accepted === 0) return;
    if (!mayRenew()) setFresh((count) => count + accepted);
    else later.current ??= setTimeout(renewIfAtTop, renewedAt.current + RENEW_EVERY_MS - Date.now());
  });

  return { query, rows: query.data?.pages.flatMap(({ tasks }) => tasks) ?? [], fresh, renew };
}

function withNewsOnPages(data: InfiniteData<TaskList>, news: News): InfiniteData<TaskList> {
  const pages = data.pages.map((page) => withNews(page, news));
  return pages.some((page, index) => page !== data.pages[index])
    ? { pages, pageParams: data.pageParams }
    : data;
}

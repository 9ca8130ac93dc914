import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useRef } from "react";
import type { DeliveryList, EndpointList } from "../../../../client/webhooks.ts";
import { useLinkState, useLive } from "../../live/live.tsx";
import { useSession } from "../../session/session.tsx";
import type { DeliverySearch } from "./search.ts";

const PAGE = 50;
const AT_MOST_EVERY_MS = 1_000;

export function useEndpoints(): UseQueryResult<EndpointList> {
  const { client } = useSession();
  return useQuery({ queryKey: ["endpoints"], queryFn: () => client.webhooks.endpoints() });
}

/** Page after page, newest first; asked for anew when something was sent. */
export function useDeliveries(search: DeliverySearch): UseInfiniteQueryResult<InfiniteData<DeliveryList>> {
  const { client } = useSession();
  const isLive = useLinkState() === "live";
  useRefresh();
  return useInfiniteQuery({
    queryKey: ["deliveries", search],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      client.webhooks.deliveries(search, { limit: PAGE, cursor: pageParam || undefined, signal }),
    getNextPageParam: ({ next_cursor: next }) => next,
    refetchInterval: isLive ? false : 5_000,
  });
}

/** What happened in one second is asked for once, however much it was. */
function useRefresh(): void {
  const queries = useQueryClient();
  const isDue = useRef(false);
  useLive((events) => {
    if (isDue.current || !events.some(({ type }) => type === "webhook")) return;
    isDue.current = true;
    setTimeout(() => {
      isDue.current = false;
      void queries.invalidateQueries({ queryKey: ["deliveries"] });
      void queries.invalidateQueries({ queryKey: ["endpoints"] });
    }, AT_MOST_EVERY_MS);
  });
}

import { QueryCache, QueryClient } from "@tanstack/react-query";
import { HeadgateError } from "../../../client/errors.ts";

/** The page's copy of what Headgate says. Whoever is refused is asked for a key. */
export function createQueries(onUnauthorized: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError(error) {
        if (isUnauthorized(error)) onUnauthorized();
      },
    }),
    defaultOptions: {
      queries: {
        // What a problem says stays so; a server that is away comes back.
        retry: (count, error) => !(error instanceof HeadgateError && error.status < 500) && count < 30,
        retryDelay: (count) => Math.min(5_000, 500 * 2 ** count),
        staleTime: 1_000,
      },
    },
  });
}

export function isUnauthorized(error: unknown): boolean {
  return error instanceof HeadgateError && error.status === 401;
}

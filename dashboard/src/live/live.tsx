import { createContext, type ReactNode, use, useEffect, useMemo, useRef, useState } from "react";
import { isUnauthorized } from "../session/queries.ts";
import { useSession } from "../session/session.tsx";
import { followEvents, type LinkState, type LiveEvent } from "./follow.ts";

type Listener = (events: readonly LiveEvent[]) => void;

interface Live {
  readonly state: LinkState;
  readonly listen: (listener: Listener) => () => void;
}

const Current = createContext<Live>({ state: "connecting", listen: () => () => {} });

/** The one event stream of this tab, for all who want to know. */
export function LiveProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const { client, onUnauthorized } = useSession();
  const [state, setState] = useState<LinkState>("connecting");
  const listeners = useRef(new Set<Listener>());

  useEffect(() => {
    const stop = new AbortController();
    void followEvents(client, {
      signal: stop.signal,
      onState: setState,
      onEvents(events) {
        for (const listener of listeners.current) listener(events);
      },
      onError(error) {
        if (isUnauthorized(error)) onUnauthorized();
      },
    });
    return () => stop.abort();
  }, [client, onUnauthorized]);

  const live = useMemo<Live>(
    () => ({
      state,
      listen(listener) {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [state],
  );
  return <Current value={live}>{children}</Current>;
}

export function useLinkState(): LinkState {
  return use(Current).state;
}

/** Calls with what has happened since the last frame; the listener may change between renders. */
export function useLive(listener: Listener): void {
  const { listen } = use(Current);
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => listen((events) => latest.current(events)), [listen]);
}

import type { Headgate } from "../../../client/client.ts";

export type LinkState = "connecting" | "live" | "reconnecting";

/** Something that happened, as `GET /events` tells it. */
export interface LiveEvent {
  readonly type: string;
  readonly data: unknown;
}

interface Follower {
  readonly signal: AbortSignal;
  readonly onState: (state: LinkState) => void;
  readonly onEvents: (events: readonly LiveEvent[]) => void;
  readonly onError: (error: unknown) => void;
}

/** Hands on what happened once a frame: a thousand events a second are sixty updates. */
export async function followEvents(client: Headgate, follower: Follower): Promise<void> {
  const { signal, onState, onEvents, onError } = follower;
  let waiting: LiveEvent[] = [];
  let frame: number | null = null;

  function flush(): void {
    frame = null;
    const events = waiting;
    waiting = [];
    if (!signal.aborted) onEvents(events);
  }

  try {
    for await (const { type, data } of client.events({ signal, onState })) {
      waiting.push({ type, data: JSON.parse(data) as unknown });
      // A page in the background has no frames, and shows nothing.
      frame ??= document.hidden ? setTimeout(flush, 1_000) : requestAnimationFrame(flush);
    }
  } catch (error) {
    onState("reconnecting");
    onError(error);
  }
}

import { type Connection, discard, type Query } from "./connection.ts";
import { toHeadgateError } from "./errors.ts";
import { sleep } from "./sleep.ts";
import { readEvents, type ServerSentEvent, type StreamState } from "./sse.ts";

export interface FollowOptions {
  readonly query?: Query;
  readonly signal?: AbortSignal | undefined;
  /** Go on after this event. */
  readonly lastEventId?: string | undefined;
  /** The stream has begun, or was lost and is opened again. */
  readonly onState?: (state: "live" | "reconnecting") => void;
}

const LONGEST_PAUSE_MS = 15_000;

/**
 * The events of a stream, over however many connections: one that breaks off is opened again where it was left. Ends when
 * the server says so (204), or when the signal is aborted. Throws a `HeadgateError` for what is refused.
 */
export async function* follow(
  connection: Connection,
  path: string,
  { query, signal, lastEventId = "", onState }: FollowOptions = {},
): AsyncGenerator<ServerSentEvent, void> {
  const state: StreamState = { retryMs: 1_000, lastId: lastEventId };
  let failures = 0;
  while (!isAborted(signal)) {
    const response = await open(connection, path, query, state.lastId, signal);
    if (response?.status === 204) return;
    if (response?.ok && response.body !== null) {
      failures = 0;
      onState?.("live");
      try {
        yield* readEvents(response.body, state);
      } catch {
        // It broke off: what came is known by the last id.
      }
    } else if (response !== null && response.status < 500) {
      throw await toHeadgateError(response);
    } else {
      await discard(response);
    }
    if (isAborted(signal)) return;
    onState?.("reconnecting");
    const pause = Math.min(LONGEST_PAUSE_MS, state.retryMs * 2 ** Math.min(failures, 6));
    failures += 1;
    await sleep(pause * (0.5 + Math.random() / 2), signal);
  }
}

/** A call, because the compiler takes what it has seen of a signal for lasting. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Null when the server cannot be reached now. */
async function open(
  connection: Connection,
  path: string,
  query: Query | undefined,
  last: string,
  signal: AbortSignal | undefined,
): Promise<Response | null> {
  const headers = { Accept: "text/event-stream", ...(last === "" ? {} : { "Last-Event-ID": last }) };
  try {
    return await connection.control(path, { query: query ?? {}, headers, signal });
  } catch {
    return null;
  }
}

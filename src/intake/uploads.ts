import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import type { BodySink, BodyStore } from "../store/store.ts";
import { type Body, EMPTY_BODY } from "../task/task.ts";
import { readBody } from "./body.ts";
import { hasBody } from "./refuse.ts";

/**
 * Bodies that may be on their way at once: each holds memory and maybe a file, however slowly it comes. One lane may have
 * half of them, so that slow uploads to one keep nobody out of another.
 */
const AT_ONCE = 1_000;
const OF_ONE_LANE = 500;

export interface Uploads {
  /** A body begins to arrive; the answer is to be called when it ends. Throws `queue_full` when too many do. */
  begin(lane: string): () => void;
}

export function createUploads(): Uploads {
  const byLane = new Map<string, number>();
  let all = 0;

  return {
    begin(lane) {
      const own = byLane.get(lane) ?? 0;
      if (all >= AT_ONCE || own >= OF_ONE_LANE) {
        throw new HeadgateError(
          "queue_full",
          `${Math.max(own, all)} request bodies are on their way at once.`,
          {
            retryAfterSeconds: 1,
          },
        );
      }
      all += 1;
      byLane.set(lane, own + 1);
      return () => {
        all -= 1;
        const left = (byLane.get(lane) ?? 1) - 1;
        if (left === 0) byLane.delete(lane);
        else byLane.set(lane, left);
      };
    },
  };
}

export interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly expectsContinue: boolean;
}

/** Reads a request's body, letting it pass through to its sink; null when its client left. */
export type ReadUpload = (
  arrival: Arrival,
  lane: string,
  through?: (sink: BodySink) => BodySink,
) => Promise<Body | null>;

export interface UploadSettings {
  readonly receive: BodyStore["receive"];
  readonly discard: BodyStore["discard"];
  readonly maxBodyBytes: number;
  readonly clock: Clock;
}

function straight(sink: BodySink): BodySink {
  return sink;
}

export function createUploadReader(settings: UploadSettings): ReadUpload {
  const uploads = createUploads();

  return async ({ request, response, expectsContinue }, lane, through = straight) => {
    if (!hasBody(request)) return EMPTY_BODY;
    // It left while its key was looked up, and says so only once.
    if (request.destroyed) return null;
    const end = uploads.begin(lane);
    if (expectsContinue) response.writeContinue();
    try {
      const receive = (): BodySink => through(settings.receive(settings.maxBodyBytes));
      const received = await readBody(request, receive, settings.clock);
      if (received === null || !request.socket.destroyed) return received;
      await settings.discard(received);
      return null;
    } finally {
      end();
    }
  };
}

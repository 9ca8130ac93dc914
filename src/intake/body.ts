import type { IncomingMessage } from "node:http";
import type { Clock } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import { type BodySink, INLINE_BODY_BYTES } from "../store/store.ts";
import { type Body, EMPTY_BODY } from "../task/task.ts";

/** An upload slower than this on average, after its first seconds, is cut: it holds a place in the queue meanwhile. */
const SLOWEST_BYTES_PER_SECOND = 500;
const GRACE_MS = 30_000;

/**
 * Reads a request's body into the sink that `receive` opens, never faster than the sink takes it. Resolves to null when
 * the client left before the end; then, as after any error, nothing that was received is kept.
 * Rejects with `body_too_large`, `request_timeout` or what the sink says.
 */
export function readBody(
  request: IncomingMessage,
  receive: () => BodySink,
  clock: Clock,
): Promise<Body | null> {
  return new Promise((resolve, reject) => {
    const announced = Number(request.headers["content-length"] ?? -1);
    let whole: Uint8Array | undefined;
    let sink: BodySink | undefined;
    let pace: Pace | undefined;
    let over = false;

    request.on("data", take);
    request.on("end", finish);
    request.on("error", leave);

    function leave(): void {
      breakOff(null);
    }

    function take(chunk: Uint8Array): void {
      if (over) return;
      // Most bodies come in one piece and need neither a sink nor a second copy.
      if (chunk.byteLength === announced && announced <= INLINE_BODY_BYTES) {
        whole = chunk;
        return;
      }
      try {
        sink ??= receive();
        const room = sink.write(chunk);
        (pace ??= createPace(clock)).count(chunk.byteLength);
        if (room !== undefined) waitFor(room, pace);
      } catch (error) {
        breakOff(error);
      }
    }

    function waitFor(room: Promise<void>, pace: Pace): void {
      request.pause();
      const since = clock.monotonicMs();
      room.then(() => {
        pace.excuse(clock.monotonicMs() - since);
        if (!over) request.resume();
      }, breakOff);
    }

    function finish(): void {
      if (over) return;
      over = true;
      const bytes = whole;
      // The request lives on: its client may wait for its answer long after the body was stored.
      request.off("data", take).off("end", finish).off("error", leave);
      whole = undefined;
      if (bytes !== undefined) resolve({ kind: "inline", bytes });
      else if (sink === undefined) resolve(EMPTY_BODY);
      else finishInto(sink, resolve, reject);
    }

    function breakOff(reason: unknown): void {
      if (over) return;
      over = true;
      const end = (): void => (reason === null ? resolve(null) : reject(reason));
      if (sink === undefined) end();
      else sink.abort().then(end, reject);
    }
  });
}

/** A sink that cannot finish keeps nothing either. */
function finishInto(sink: BodySink, resolve: (body: Body) => void, reject: (error: unknown) => void): void {
  sink.finish().then(resolve, (error: unknown) => {
    const tell = (): void => reject(error);
    sink.abort().then(tell, tell);
  });
}

interface Pace {
  count(bytes: number): void;
  /** Time that the client had to wait for us. */
  excuse(ms: number): void;
}

function createPace(clock: Clock): Pace {
  const began = clock.monotonicMs();
  let excusedMs = 0;
  let received = 0;
  return {
    count(bytes) {
      received += bytes;
      const elapsedMs = clock.monotonicMs() - began - excusedMs;
      if (elapsedMs > GRACE_MS && received * 1_000 < elapsedMs * SLOWEST_BYTES_PER_SECOND) {
        throw new HeadgateError(
          "request_timeout",
          `The body came in slower than ${SLOWEST_BYTES_PER_SECOND} bytes a second.`,
        );
      }
    },
    excuse(ms) {
      excusedMs += ms;
    },
  };
}

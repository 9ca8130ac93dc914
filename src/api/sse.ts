import type { IncomingMessage, ServerResponse } from "node:http";
import { isDeepStrictEqual } from "node:util";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import { createPlaces } from "../lib/places.ts";
import type { Caller } from "../task/caller.ts";
import type { HolderOf } from "./access.ts";

/** Server-sent events (WHATWG HTML, 9.2) over one answer that does not end by itself. */
export interface EventStream {
  /** Does nothing when the stream is over. */
  send(text: string): void;
  /** What was missed, however much it is: one piece is taken when the client has read the one before. What is sent meanwhile follows. */
  catchUp(pieces: Iterable<string>): void;
  end(): void;
}

export interface Event {
  /** Given back as `Last-Event-ID` by a client that comes again. */
  readonly id?: string;
  readonly event: string;
  /** JSON. */
  readonly data: string;
}

export interface StreamOptions {
  /** What is sent when nothing else is, so that neither end takes the connection for dead. */
  readonly heartbeat?: () => string;
  /** The stream is over, whoever ended it. */
  readonly onEnd: () => void;
}

/** All streams of this node. */
export interface Streams {
  /** Throws `too_many_clients` when as many are open as may be, or as many for whoever calls. */
  open(request: FastifyRequest, reply: FastifyReply, options: StreamOptions): EventStream;
  /** How many are open. */
  readonly count: number;
  /** Ends those of callers who are others by now: their key has gone, or may see something else. */
  review(): void;
  /** Ends all, and those that come later at once: the node is stopping. */
  endAll(): void;
}

const HEADERS: Readonly<Record<string, string>> = Object.freeze({
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store",
  // nginx would collect the events until its buffer is full.
  "X-Accel-Buffering": "no",
});

const HEARTBEAT_MS = 15_000;

/** How long a client waits before it comes again, unless it knows better. */
const RETRY_MS = 2_000;

/** Whoever reads more slowly than events come is cut, and comes again with the id of the last it has. */
const MOST_UNREAD_BYTES = 1024 * 1024;

export interface StreamsSettings {
  /** How many may be open at once. */
  readonly mostStreams: number;
  readonly clock: Clock;
  /** Who calls; throws for nobody that is known. */
  readonly callerOf: (request: IncomingMessage) => Caller;
  readonly holderOf: HolderOf;
}

export function createStreams({ mostStreams, clock, callerOf, holderOf }: StreamsSettings): Streams {
  const places = createPlaces(mostStreams);
  const open = new Map<EventStream, FastifyRequest>();
  let isStopping = false;

  function review(stream: EventStream, { raw, caller }: FastifyRequest): void {
    try {
      if (isDeepStrictEqual(callerOf(raw), caller)) return;
    } catch {
      // Coming again, its client is told why.
    }
    stream.end();
  }

  function begin(request: FastifyRequest, response: ServerResponse, options: StreamOptions): EventStream {
    const { heartbeat = () => ": \n\n", onEnd } = options;
    let cancelHeartbeat = clock.after(HEARTBEAT_MS, beat);
    let isOver = false;

    function beat(): void {
      cancelHeartbeat = clock.after(HEARTBEAT_MS, beat);
      // What a new configuration says of keys is told to nobody.
      review(stream, request);
      stream.send(heartbeat());
    }

    function write(text: string): number {
      response.write(text);
      return response.writableLength;
    }

    function close(): void {
      if (isOver) return;
      isOver = true;
      cancelHeartbeat();
      open.delete(stream);
      onEnd();
    }

    const missed = createCatchUp(response);
    const stream: EventStream = {
      send(text) {
        if (isOver || text === "") return;
        const unreadBytes = missed.isUnderWay ? missed.defer(text) : write(text);
        if (unreadBytes > MOST_UNREAD_BYTES) response.destroy();
      },
      catchUp: missed.begin,
      end() {
        close();
        response.end();
      },
    };
    response.once("close", close);
    return stream;
  }

  return {
    get count() {
      return places.count;
    },
    open(request, reply, options) {
      const holder = holderOf(request.raw, request.caller);
      if (!places.take(holder)) throw TOO_MANY_STREAMS;
      reply.hijack();
      const { raw: response } = reply;
      response.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...HEADERS });
      const stream = begin(request, response, {
        ...options,
        onEnd() {
          places.giveBack(holder);
          options.onEnd();
        },
      });
      open.set(stream, request);
      // Not at once: whoever opens a stream has to have it before it is told of the end.
      if (request.method === "HEAD" || isStopping || response.destroyed) queueMicrotask(stream.end);
      else stream.send(`retry: ${RETRY_MS}\n\n`);
      return stream;
    },
    review() {
      for (const [stream, request] of open) review(stream, request);
    },
    endAll() {
      isStopping = true;
      for (const stream of open.keys()) stream.end();
    },
  };
}

const TOO_MANY_STREAMS = new HeadgateError(
  "too_many_clients",
  "As many event streams are open as may be, or half of them are yours (max_streams in the configuration). Come again later, or ask for tasks by ?wait=.",
  { retryAfterSeconds: 5 },
);

interface CatchUp {
  readonly isUnderWay: boolean;
  readonly begin: (pieces: Iterable<string>) => void;
  /** Keeps a text until all that was missed is written; answers how much is kept. */
  readonly defer: (text: string) => number;
}

/** At the pace of the client: written at once, more than a stream may leave unread would cut it each time it comes again. */
function createCatchUp(response: ServerResponse): CatchUp {
  let pieces: Iterator<string, unknown> | null = null;
  let deferred = "";

  function proceed(): void {
    while (pieces !== null && !response.destroyed && !response.writableEnded) {
      const piece = pieces.next();
      if (piece.done === true) {
        pieces = null;
        if (deferred !== "") response.write(deferred);
        deferred = "";
      } else if (!response.write(piece.value)) {
        response.once("drain", proceed);
        return;
      }
    }
  }

  return {
    get isUnderWay() {
      return pieces !== null;
    },
    begin(missed) {
      pieces = missed[Symbol.iterator]();
      proceed();
    },
    defer(text) {
      deferred += text;
      return deferred.length;
    },
  };
}

/** An event as it goes over the wire. Data with line breaks, as JSON may have between its members, takes a field for each line. */
export function writeEvent({ id, event, data }: Event): string {
  const lines = /[\r\n]/.test(data) ? data.split(/\r\n|\r|\n/).join("\ndata: ") : data;
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${lines}\n\n`;
}

/** Tells a client where it is without an event: an id alone is remembered, and nothing is dispatched (9.2.6). */
export function writeId(id: string): string {
  return `: \nid: ${id}\n\n`;
}

/** The id of the last event that a client has; a query for those who cannot set the header. */
export function lastEventId(request: {
  readonly headers: FastifyRequest["headers"];
  readonly query: { readonly last_event_id?: string | undefined };
}): string | null {
  const header = request.headers["last-event-id"];
  return (typeof header === "string" ? header : undefined) ?? request.query.last_event_id ?? null;
}

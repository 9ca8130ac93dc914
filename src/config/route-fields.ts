import type { Rate } from "../task/lane.ts";
import { PRIORITY } from "../task/task.ts";
import { boolean, duration, integer, oneOf } from "./kind.ts";
import { RETRY, type WrittenRetry } from "./retry-fields.ts";
import {
  concurrency,
  durationOrOff,
  freshness,
  hostPattern,
  method,
  name,
  namedTarget,
  off,
  pathPattern,
  rate,
  statuses,
} from "./rules.ts";
import { either, type Found, list, record, type Shape, value } from "./shape.ts";

/** A route as the file has it; null where the options have a say. */
export interface WrittenRoute {
  readonly match: readonly Found<string>[];
  readonly methods: readonly Found<string>[];
  readonly hosts: readonly Found<string>[];
  readonly name: string | null;
  readonly target: string | URL | null;
  readonly max_concurrent: number | "auto" | null;
  readonly rate: Rate | null;
  readonly burst: number | null;
  readonly queue: number | null;
  readonly timeout: number | null;
  readonly start_within: number | null;
  readonly retry: WrittenRetry | "off";
  readonly idempotent: boolean;
  readonly fail_on: readonly Found<readonly number[]>[];
  readonly wait: number;
  readonly on_cancel: "disconnect" | "finish";
  readonly key_header: "headgate-key" | "authorization";
  readonly cache: WrittenCache | boolean;
  readonly priority: number;
  readonly retention: number | null;
}

export interface WrittenCache {
  readonly ttl: number | "from_headers";
  readonly coalesce: boolean;
}

const CACHE = record<WrittenCache>({
  ttl: {
    shape: value(freshness()),
    default: "from_headers",
    text: "how long an answer is used that says nothing about it; from_headers: only answers that allow it (RFC 9111)",
    example: "5m",
  },
  coalesce: {
    shape: value(boolean()),
    default: true,
    text: "identical requests that are under way share one",
    example: false,
  },
});

/** All there is to say about a route. */
export const ROUTE_SHAPE: Shape<WrittenRoute> = record<WrittenRoute>({
  match: {
    shape: list(value(pathPattern()), { least: 1 }),
    required: true,
    text: "paths as clients send them; `/` and `/**` are everything. Of the routes that match a request the most specific has it, whatever their order",
    example: "/v1/images/**",
  },
  methods: {
    shape: list(value(method())),
    default: [],
    unset: "all",
    text: "methods it is for",
    example: ["POST", "PUT"],
  },
  hosts: {
    shape: list(value(hostPattern())),
    default: [],
    unset: "all",
    text: "hosts it is for, as clients name them",
    example: "*.example.com",
  },
  name: {
    shape: value(name()),
    default: null,
    unset: "made from the first path and the methods: `v1-images`",
    text: "what lists, logs and metrics call it and its lane; waiting tasks belong to a lane by its name",
    example: "images",
  },
  target: {
    shape: value(namedTarget()),
    default: null,
    unset: "the target of the options, else the only one of `targets`",
    text: "where its requests go",
    example: "models",
  },
  max_concurrent: {
    shape: value(concurrency()),
    default: null,
    unset: "that of `--max-concurrent`, and on this node `--num-workers`",
    text: "requests of this route under way at once, from all nodes together; auto follows what the target can bear",
    example: "auto",
  },
  rate: {
    shape: value(rate()),
    default: null,
    unset: "no limit",
    text: "requests sent in a time",
    example: "50/s",
  },
  burst: {
    shape: value(integer(1, 1_000_000)),
    default: null,
    unset: "a tenth of the `rate`, at least 1",
    text: "requests that may go out together after a quiet time",
    example: 10,
  },
  queue: {
    shape: value(integer(1, 1_000_000_000)),
    default: null,
    unset: "that of `--max-queue-size`",
    text: "tasks that may wait; one more is answered 503 with Retry-After",
    example: 1_000,
  },
  timeout: {
    shape: value(duration(1)),
    default: null,
    unset: "that of `--task-timeout`",
    text: "how long one attempt may take, from connecting to the last byte of the answer",
    example: "10m",
  },
  start_within: {
    shape: value(duration(1)),
    default: null,
    unset: "no limit",
    text: "a task that is not started in this time is given up, and one that surely would not be is refused",
    example: "1h",
  },
  retry: {
    shape: either(value(off(), ", or have fields such as attempts"), RETRY),
    default: {},
    unset: "as the fields below have it",
    text: "what is tried again, how often and when; off or false for no retries",
    example: { attempts: 5, on: ["connect", 429, 503], backoff: { initial: "1s", max: "2m" } },
  },
  idempotent: {
    shape: value(boolean()),
    default: false,
    text: "repeating a request does no harm, whatever its method",
    example: true,
  },
  fail_on: {
    shape: list(value(statuses())),
    default: ["4xx", "5xx"],
    text: "answers that fail their task; `[]` for none",
    example: ["4xx", "5xx"],
  },
  wait: {
    shape: value(durationOrOff("60s")),
    default: "0s",
    text: "how long a client is kept waiting for the answer itself before it gets a 202",
    example: "25s",
  },
  on_cancel: {
    shape: value(oneOf("disconnect", "finish")),
    default: "disconnect",
    text: "what becomes of the running request of a task that is cancelled. disconnect closes its connection, and its slot is free; finish leaves it alone, keeps its slot until the service answers or `timeout` is over, and drops the answer: for services that work on when their client has gone",
    example: "finish",
  },
  key_header: {
    shape: value(oneOf("headgate-key", "authorization")),
    default: "headgate-key",
    text: "where clients put Headgate's key; in `authorization` (Bearer) it is not sent on",
    example: "authorization",
  },
  cache: {
    shape: either(value(boolean(), ", or have fields such as ttl"), CACHE),
    default: false,
    text: "answer from earlier answers where HTTP allows it",
    example: { ttl: "from_headers", coalesce: true },
  },
  priority: {
    shape: value(integer(PRIORITY.lowest, PRIORITY.highest)),
    default: PRIORITY.default,
    text: "of requests that name none: 0 low … 9 high",
    example: 5,
  },
  retention: {
    shape: value(duration(1_000)),
    default: null,
    unset: "that of `--retention`",
    text: "how long ended tasks and their answers are kept",
    example: "3d",
  },
});

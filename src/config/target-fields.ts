import type { Balance } from "./config.ts";
import { duration, integer, oneOf, targetUrl } from "./kind.ts";
import { hashKey, requestPath, share } from "./rules.ts";
import { either, type Found, list, record, type Shape, value } from "./shape.ts";

/** Targets as the file has them. */
export interface WrittenPool {
  readonly urls: readonly Found<WrittenTarget>[];
  readonly balance: Balance["by"];
  readonly hash_by: "path" | { readonly header: string } | null;
  readonly max_concurrent: number | null;
  readonly health: WrittenHealth | null;
  readonly circuit: WrittenCircuit;
  readonly retry_budget: number;
}

export type WrittenTarget = URL | TargetFields;

interface TargetFields {
  readonly url: URL;
  readonly weight: number;
  readonly max_concurrent: number | null;
}

export interface WrittenHealth {
  readonly path: string;
  readonly interval: number;
  readonly timeout: number;
  readonly unhealthy_after: number;
  readonly healthy_after: number;
}

export interface WrittenCircuit {
  readonly failures: number;
  readonly open: number;
  readonly max_open: number | null;
}

const MOST_AT_ONCE = 100_000;
const LONGEST_ROW = 1_000;

const TARGET = record<TargetFields>({
  url: {
    shape: value(targetUrl()),
    required: true,
    text: "base URL; a path in it is put before every forwarded path",
    example: "http://10.0.0.1:8000",
  },
  weight: {
    shape: value(integer(1, 1_000)),
    default: 1,
    text: "its share of the requests, compared with the others'",
    example: 2,
  },
  max_concurrent: {
    shape: value(integer(1, MOST_AT_ONCE)),
    default: null,
    unset: "the `max_concurrent` of the targets it is one of",
    text: "requests it sees at once, from all routes together",
    example: 8,
  },
});

const HEALTH = record<WrittenHealth>({
  path: {
    shape: value(requestPath()),
    required: true,
    text: "what is asked for by GET; 2xx and 3xx mean that it is well",
    example: "/health",
  },
  interval: {
    shape: value(duration(10)),
    default: "10s",
    text: "how often each target is asked",
    example: "5s",
  },
  timeout: {
    shape: value(duration(1)),
    default: "2s",
    text: "an answer that takes longer is a failure",
    example: "1s",
  },
  unhealthy_after: {
    shape: value(integer(1, LONGEST_ROW)),
    default: 3,
    text: "failures in a row after which a target gets no requests",
    example: 2,
  },
  healthy_after: {
    shape: value(integer(1, LONGEST_ROW)),
    default: 2,
    text: "good answers in a row after which it gets them again",
    example: 1,
  },
});

const CIRCUIT = record<WrittenCircuit>({
  failures: {
    shape: value(integer(0, LONGEST_ROW)),
    default: 5,
    text: "failures in a row after which a target is left alone for a time; 0 for never",
    example: 10,
  },
  open: {
    shape: value(duration(1)),
    default: "5s",
    text: "how long it is left alone the first time, 10 % more or less as all of these times; then a single request tries it, and the time doubles if that fails. It starts small again once the target has worked for as long as it had been left alone",
    example: "10s",
  },
  max_open: {
    shape: value(duration(1)),
    default: null,
    unset: "`1m`, or `open` where that is longer",
    text: "the time doubles up to this",
    example: "10m",
  },
});

const POOL = record<WrittenPool>({
  urls: {
    shape: list(either(value(targetUrl()), TARGET), { least: 1 }),
    required: true,
    text: "targets that are interchangeable: URLs, or fields where there is more to say",
    example: [{ url: "http://10.0.0.1:8000", weight: 2 }, "http://10.0.0.2:8000"],
  },
  balance: {
    shape: value(oneOf("round_robin", "least_busy", "random_two", "hash")),
    default: "round_robin",
    text: "who gets the next request: each in turn; who has the fewest under way; the less busy of two at random; always the same for the same `hash_by`",
    example: "least_busy",
  },
  hash_by: {
    shape: value(hashKey()),
    default: null,
    unset: "`path`",
    text: "what `balance: hash` goes by",
    example: "header:X-User",
  },
  max_concurrent: {
    shape: value(integer(1, MOST_AT_ONCE)),
    default: null,
    unset: "no limit but the routes'",
    text: "requests that each target sees at once, from all routes together",
    example: 16,
  },
  health: {
    shape: HEALTH,
    default: null,
    unset: "no checks; failures of forwarded requests count all the same",
    text: "checks that Headgate makes by itself",
    example: { path: "/health", interval: "5s" },
  },
  circuit: {
    shape: CIRCUIT,
    default: {},
    unset: "as the fields below have it",
    text: "when a target that fails is left alone",
    example: { failures: 10, open: "10s" },
  },
  retry_budget: {
    shape: value(share()),
    default: "10%",
    text: "retries that the targets see at most, compared with first attempts",
    example: "20%",
  },
});

/** All there is to say about interchangeable targets, or only their URLs. */
export const POOL_SHAPE: Shape<WrittenPool | readonly Found<WrittenTarget>[]> = either(
  list(either(value(targetUrl()), TARGET), { least: 1, lone: value(targetUrl()) }),
  POOL,
);

import type { IncomingMessage } from "node:http";
import type { LaneConfig } from "../config/config.ts";
import type { Caller } from "../task/caller.ts";
import type { Body, Callback, Dedupe, NewTask } from "../task/task.ts";
import type { Directives } from "./directives.ts";
import type { Origin } from "./forwarded.ts";
import { withoutKey } from "./key-field.ts";

/** What a task is made of, besides its request. */
export interface Parts {
  readonly id: string;
  readonly now: number;
  readonly lane: LaneConfig;
  readonly directives: Directives;
  readonly origin: Origin;
  readonly caller: Caller;
  /** Whose it becomes. */
  readonly client: string;
  readonly body: Body;
  /** By what it is known when it comes again. */
  readonly dedupe: Dedupe | null;
  /** The share of a client by its name. */
  readonly weightOf: (client: string) => number;
  /** Who is told of its end. */
  readonly callbacks: readonly Callback[];
}

export function newTask(request: Pick<IncomingMessage, "method" | "url" | "headers">, parts: Parts): NewTask {
  const { id, now, lane, directives, origin, caller, client, body } = parts;
  const method = request.method as string;
  const { delayMs, startWithinMs } = directives;
  const due = Math.max(now, delayMs === null ? (directives.notBefore ?? now) : now + delayMs);
  return {
    id,
    lane: lane.name,
    request: {
      method,
      path: request.url as string,
      headers: withoutKey(origin.headers, caller, lane.keyIn),
      body,
    },
    priority: directives.priority,
    client,
    weight: parts.weightOf(client),
    labels: directives.labels,
    createdAt: now,
    notBefore: due > now ? due : null,
    startBefore: startWithinMs === null ? null : due + startWithinMs,
    timeoutMs: directives.timeoutMs,
    maxAttempts: directives.maxAttempts,
    idempotent: lane.idempotent || IDEMPOTENT.has(method) || request.headers["idempotency-key"] !== undefined,
    retryOf: null,
    batch: null,
    callbacks: parts.callbacks,
    dedupe: parts.dedupe,
  };
}

/** RFC 9110 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"]);

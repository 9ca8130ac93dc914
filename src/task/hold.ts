import { State, type Task } from "./task.ts";

/**
 * What keeps a waiting task from being sent.
 *
 *  - `not_before`         its client asked for later
 *  - `retry_backoff`      it was tried, and waits before it is tried again
 *  - `paused`             somebody paused its lane
 *  - `lane_limit`         its lane runs as many as it may
 *  - `rate`               its lane sends no faster
 *  - `target_limit`       every target of its pool has as many requests as it may
 *  - `retry_after`        every target of its pool asked to be left alone for a while (429 or 503 with `Retry-After`)
 *  - `circuit_open`       every target of its pool failed again and again, and is given time
 *  - `no_healthy_target`  every target of its pool fails its health checks
 *  - `no_route`           its lane is configured no longer, and no other route matches it
 */
export type HoldKind =
  | "not_before"
  | "retry_backoff"
  | "paused"
  | "lane_limit"
  | "rate"
  | "target_limit"
  | "retry_after"
  | "circuit_open"
  | "no_healthy_target"
  | "no_route";

export interface Hold {
  readonly kind: HoldKind;
  /** When it ends (ms since the epoch), as far as that is known. */
  readonly until: number | null;
}

/** Whether it is the targets that hold it: their pool tells when that is over. */
export function isAtTargets({ kind }: Hold): boolean {
  return AT_TARGETS.has(kind);
}

const AT_TARGETS: ReadonlySet<HoldKind> = new Set<HoldKind>([
  "target_limit",
  "retry_after",
  "circuit_open",
  "no_healthy_target",
]);

/** Room at a pool of targets. A place is taken before a task is claimed, so that none is leased before it can go. */
export interface Capacity {
  /** Takes up to `wanted` places for a lane; answers how many. Each is used up by one sending, or given back. */
  reserve(lane: string, wanted: number): number;
  giveBack(places: number): void;
  /** Whether there is a place for some lane or other. */
  hasRoom(): boolean;
  /** Why there is no place for the lane now; null when there is one. Who is told why is told when there is one, too. */
  hold(lane: string): Hold | null;
}

/**
 * What keeps one task from being sent, given what holds the next one of its lane; null when it does not wait, or only for
 * those before it. A lane that is paused or has no route is named before the task's own due time: it may hold for longer.
 */
export function waitingFor(
  { state, reason, notBefore, lane }: Pick<Task, "state" | "reason" | "notBefore" | "lane">,
  holdOf: (lane: string) => Hold | null,
  now: number,
): Hold | null {
  if (state !== State.pending) return null;
  const ofLane = holdOf(lane);
  const isOpenEnded = ofLane?.kind === "paused" || ofLane?.kind === "no_route";
  if (isOpenEnded || notBefore === null || notBefore <= now) return ofLane;
  return { kind: reason === "delayed" ? "not_before" : "retry_backoff", until: notBefore };
}

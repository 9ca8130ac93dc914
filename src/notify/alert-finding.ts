import type { AlertRule } from "../config/config.ts";
import type { LineFront } from "../store/store.ts";
import type { Hold } from "../task/hold.ts";
import type { CircuitState, TargetState } from "../task/target-state.ts";

/** What rules look at, all of one moment. */
export interface AlertView {
  /** ms since the epoch. */
  readonly now: number;
  /** Of the monotonic clock: a wall clock that jumps neither raises nor repeats anything. */
  readonly monotonicMs: number;
  readonly lanes: readonly WatchedLane[];
  readonly targets: readonly TargetState[];
  /** Who is next in each line. */
  readonly fronts: readonly LineFront[];
}

export interface WatchedLane {
  readonly name: string;
  readonly pool: string;
  /** Pending tasks, and how many there may be. */
  readonly pending: number;
  readonly capacity: number;
  /** What keeps its next task. */
  readonly hold: Hold | null;
}

/** Something that is so and should not be. */
export interface Finding {
  readonly subject: Subject;
  readonly measure: Measure;
}

/** Of what lasts and may be over; a failed task is neither. */
export interface StateFinding extends Finding {
  readonly measure: Exclude<Measure, { readonly kind: "task_failed" }>;
}

export type Subject =
  | { readonly kind: "route"; readonly name: string }
  | { readonly kind: "target"; readonly name: string; readonly pool: string };

export type Measure =
  | {
      readonly kind: "task_failed";
      readonly failed: number;
      /** The latest of them. */
      readonly taskId: string;
      readonly reason: string;
      readonly message: string | null;
    }
  | {
      readonly kind: "failure_rate";
      readonly failed: number;
      readonly ended: number;
      readonly windowMs: number;
      readonly above: number;
    }
  | {
      readonly kind: "queue_older";
      readonly waitedMs: number;
      readonly thanMs: number;
      readonly taskId: string;
      readonly heldBy: Hold["kind"] | null;
    }
  | {
      readonly kind: "queue_fuller";
      readonly pending: number;
      readonly capacity: number;
      readonly than: number;
      readonly heldBy: Hold["kind"] | null;
    }
  | {
      readonly kind: "target_down";
      readonly circuit: CircuitState;
      readonly isHealthy: boolean | null;
      readonly lastFailure: string | null;
    };

/** One for each thing that a rule may speak of. */
export function keyOf(subject: Subject): string {
  return subject.kind === "target" ? `${subject.pool} ${subject.name}` : subject.name;
}

export function isWatched({ routes }: Pick<AlertRule, "routes">, lane: string): boolean {
  return routes.length === 0 || routes.includes(lane);
}

import type { AlertCondition } from "../config/config.ts";
import type { Condition } from "./alert-conditions.ts";
import { isWatched } from "./alert-finding.ts";

export interface FailureRate {
  readonly condition: Condition;
  taskEnded(lane: string, isFailed: boolean, monotonicMs: number): void;
}

/** A window is counted in so many slices: what leaves it, leaves it a slice at a time. */
const SLICES = 60;

interface Slice {
  readonly number: number;
  ended: number;
  failed: number;
}

/** Failed among those that completed or failed; who cancels says nothing about the target. */
export function createFailureRate(
  when: Extract<AlertCondition, { readonly kind: "failure_rate" }>,
): FailureRate {
  const { windowMs, above, atLeast } = when;
  const lanes = new Map<string, Slice[]>();

  function sliceAt(monotonicMs: number): number {
    return Math.floor((monotonicMs * SLICES) / windowMs);
  }

  return {
    taskEnded(lane, isFailed, monotonicMs) {
      const slices = lanes.get(lane) ?? [];
      lanes.set(lane, slices);
      const number = sliceAt(monotonicMs);
      let slice = slices.at(-1);
      if (slice?.number !== number) slices.push((slice = { number, ended: 0, failed: 0 }));
      if (slices.length > SLICES + 1) slices.shift();
      slice.ended += 1;
      if (isFailed) slice.failed += 1;
    },
    condition: (rule, { monotonicMs, lanes: configured }) =>
      configured.flatMap(({ name }) => {
        const first = sliceAt(monotonicMs) - SLICES;
        const within = lanes.get(name)?.filter(({ number }) => number > first) ?? [];
        const ended = within.reduce((sum, slice) => sum + slice.ended, 0);
        const failed = within.reduce((sum, slice) => sum + slice.failed, 0);
        if (!isWatched(rule, name) || ended < atLeast || failed <= above * ended) return [];
        return [
          {
            subject: { kind: "route", name },
            measure: { kind: "failure_rate", failed, ended, windowMs, above },
          },
        ];
      }),
  };
}

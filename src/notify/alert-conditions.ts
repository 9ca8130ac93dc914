import type { AlertCondition, AlertRule } from "../config/config.ts";
import { type AlertView, type StateFinding, isWatched } from "./alert-finding.ts";

/** What is so now, of all that a rule watches. */
export type Condition = (rule: AlertRule, view: AlertView) => readonly StateFinding[];

type When<Kind extends AlertCondition["kind"]> = Extract<AlertCondition, { readonly kind: Kind }>;

/** The first in line has waited longer; of a lane with several priorities, the one that has waited longest. */
export function queueOlder({ thanMs }: When<"queue_older">): Condition {
  return (rule, { now, lanes, fronts }) =>
    lanes.flatMap(({ name, hold }): readonly StateFinding[] => {
      const [oldest] = fronts.filter(({ lane }) => lane === name).toSorted((a, b) => a.dueSince - b.dueSince);
      if (!isWatched(rule, name) || oldest === undefined) return [];
      const waitedMs = now - oldest.dueSince;
      if (waitedMs <= thanMs) return [];
      const heldBy = hold?.kind ?? null;
      return [
        {
          subject: { kind: "route", name },
          measure: { kind: "queue_older", waitedMs, thanMs, taskId: oldest.id, heldBy },
        },
      ];
    });
}

export function queueFuller({ than }: When<"queue_fuller">): Condition {
  return (rule, { lanes }) =>
    lanes
      .filter(({ name, pending, capacity }) => isWatched(rule, name) && pending > than * capacity)
      .map(({ name, pending, capacity, hold }) => ({
        subject: { kind: "route", name },
        measure: { kind: "queue_fuller", pending, capacity, than, heldBy: hold?.kind ?? null },
      }));
}

/** A circuit that is tried again is not closed yet: the target is down until a request has succeeded. */
export function targetDown(): Condition {
  return (rule, { lanes, targets }) => {
    const pools = new Set(lanes.filter(({ name }) => isWatched(rule, name)).map(({ pool }) => pool));
    return targets
      .filter(({ pool, circuit, healthy }) => pools.has(pool) && (circuit !== "closed" || healthy === false))
      .map(({ pool, url, circuit, healthy, lastFailure }) => ({
        subject: { kind: "target", name: url, pool },
        measure: { kind: "target_down", circuit, isHealthy: healthy, lastFailure },
      }));
  };
}

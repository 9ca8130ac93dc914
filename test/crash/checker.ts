// The invariants of RELIABILITY.md as pure functions over the logs. Each finds every violation of one promise and none
// of any other, so that a red run says what is broken.

import * as custody from "./custody.ts";
import * as delivery from "./delivery.ts";
import type { Evidence } from "./evidence.ts";
import * as order from "./order.ts";
import * as sight from "./sight.ts";

export type Invariant =
  | "no_loss"
  | "no_ghosts"
  | "one_task_per_request"
  | "all_final"
  | "stats_are_the_histogram"
  | "slots_are_free"
  | "no_orphan_files"
  | "request_unchanged"
  | "answer_unchanged"
  | "no_cross_talk"
  | "attempts_grow"
  | "attempts_are_recorded"
  | "ambiguous_sent_once"
  | "cap_held"
  | "first_in_first_out"
  | "found_after_202"
  | "only_forward"
  | "final_never_changes"
  | "cancel_is_true"
  | "no_attempt_after_final";

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}

/** Each answers what is wrong, a line each. */
const INVARIANTS: Readonly<Record<Invariant, (evidence: Evidence) => readonly string[]>> = Object.freeze({
  no_loss: custody.noLoss,
  no_ghosts: custody.noGhosts,
  one_task_per_request: custody.oneTaskPerRequest,
  all_final: custody.allFinal,
  stats_are_the_histogram: custody.statsAreTheHistogram,
  slots_are_free: custody.slotsAreFree,
  no_orphan_files: custody.noOrphanFiles,
  request_unchanged: delivery.requestUnchanged,
  answer_unchanged: delivery.answerUnchanged,
  no_cross_talk: delivery.noCrossTalk,
  attempts_grow: delivery.attemptsGrow,
  attempts_are_recorded: delivery.attemptsAreRecorded,
  ambiguous_sent_once: delivery.ambiguousSentOnce,
  cap_held: order.capHeld,
  first_in_first_out: order.firstInFirstOut,
  found_after_202: sight.foundAfter202,
  only_forward: sight.onlyForward,
  final_never_changes: sight.finalNeverChanges,
  cancel_is_true: sight.cancelIsTrue,
  no_attempt_after_final: sight.noAttemptAfterFinal,
});

export const INVARIANT_NAMES: readonly Invariant[] = Object.freeze(Object.keys(INVARIANTS) as Invariant[]);

/** All violations; none when every promise was kept. */
export function check(evidence: Evidence): readonly Violation[] {
  return INVARIANT_NAMES.flatMap((invariant) =>
    INVARIANTS[invariant](evidence).map((what) => ({ invariant, what })),
  );
}

/** For people: how many of each, and some of them. */
export function report(violations: readonly Violation[]): string {
  const groups = Map.groupBy(violations, ({ invariant }) => invariant);
  return [...groups]
    .map(([invariant, found]) => {
      const some = found.slice(0, 5).map(({ what }) => `    ${what}`);
      return [`  ${invariant}: ${found.length}`, ...some].join("\n");
    })
    .join("\n");
}

// A checker is trusted only when it catches what it is for: a sound set of logs passes, and each way to spoil it is
// reported under the promise that it breaks.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { check, type Invariant, INVARIANT_NAMES, report } from "./checker.ts";
import type { Evidence, Exported } from "./evidence.ts";
import { arrival, exported, FINE, type Mutable, sighting, SMALL, soundEvidence } from "./sound-evidence.ts";

type Spoil = (evidence: Mutable<Evidence>) => unknown;

/** What is done to the logs, and every promise that this breaks. */
const VIOLATIONS: readonly (readonly [string, readonly Invariant[], Spoil])[] = [
  ["an accepted task is gone", ["no_loss", "stats_are_the_histogram"], (e) => e.export.splice(6, 1)],
  [
    "an id leads to another request",
    ["no_loss"],
    (e) => (e.sent[0]!.fate = { kind: "accepted", taskId: "id-late", at: 5 }),
  ],
  [
    "a task that nobody sent",
    ["no_ghosts"],
    (e) => {
      e.export.push({
        ...exported("ghost", "POST", "cancelled", "cancelled", []),
        answer: null,
      } as Mutable<Exported>);
      e.stats.cancelled += 1;
    },
  ],
  [
    "a refused request is kept",
    ["no_ghosts"],
    (e) => {
      e.export.push({
        ...exported("denied", "POST", "cancelled", "cancelled", []),
        answer: null,
      } as Mutable<Exported>);
      e.stats.cancelled += 1;
    },
  ],
  [
    "a refused request is sent",
    ["no_ghosts"],
    (e) => e.arrivals.push(arrival("denied", "POST", 1, 5_000, 5_001)),
  ],
  [
    "a request that nobody sent arrives",
    ["no_ghosts"],
    (e) => e.arrivals.push(arrival("ghost", "POST", 1, 5_000, 5_001)),
  ],
  [
    "a request arrives for no known task",
    ["no_ghosts", "answer_unchanged"],
    (e) => (e.arrivals[3]!.taskId = "id-nobody"),
  ],
  [
    "an unanswered request was taken in twice",
    ["one_task_per_request", "stats_are_the_histogram", "no_orphan_files"],
    (e) =>
      e.export.push({
        ...e.export[5]!,
        taskId: "id-big-2",
        reason: "outcome_unknown",
        answer: null,
        attempts: [],
      }),
  ],
  [
    "a task is listed twice",
    ["one_task_per_request", "stats_are_the_histogram"],
    (e) => e.export.push(e.export[0]!),
  ],
  [
    "a task never ends",
    ["all_final"],
    (e) => {
      Object.assign(e.export[2]!, { state: "processing", reason: "running" });
      e.stats.failed -= 1;
      e.stats.processing += 1;
    },
  ],
  ["the statistics drift", ["stats_are_the_histogram"], (e) => (e.stats.completed += 1)],
  ["a slot is never given back", ["slots_are_free"], (e) => (e.inFlight = 1)],
  ["a body stays behind", ["no_orphan_files"], (e) => e.files.push({ sizeBytes: 70_000, sha256: "left" })],
  ["a kept body is missing", ["no_orphan_files"], (e) => e.files.pop()],
  [
    "the target gets another body",
    ["request_unchanged"],
    (e) => (e.arrivals[0]!.body = { sizeBytes: 10, sha256: "x" }),
  ],
  ["the target gets another method", ["request_unchanged"], (e) => (e.arrivals[0]!.method = "PATCH")],
  ["another method is kept", ["request_unchanged"], (e) => (e.export[0]!.method = "PATCH")],
  ["an answer is cut", ["answer_unchanged"], (e) => (e.export[0]!.answer!.body.sizeBytes = 9)],
  ["an answer has another status", ["answer_unchanged"], (e) => (e.export[0]!.answer!.status = 201)],
  ["an answer is invented", ["answer_unchanged"], (e) => (e.arrivals[0]!.answer = null)],
  ["completed without an answer", ["answer_unchanged"], (e) => (e.export[0]!.answer = null)],
  ["cancelled with an answer", ["answer_unchanged"], (e) => (e.export[6]!.answer = FINE)],
  [
    "completed by an error",
    ["answer_unchanged"],
    (e) => {
      Object.assign(e.export[5]!, { state: "completed", reason: "completed" });
      Object.assign(e.stats, { completed: 4, failed: 1 });
    },
  ],
  ["a request has another's header", ["no_cross_talk"], (e) => (e.arrivals[0]!.headerToken = "again")],
  ["an attempt's number is used twice", ["attempts_grow"], (e) => (e.arrivals[3]!.attempt = 1)],
  [
    "attempts are recorded out of order",
    ["attempts_grow"],
    (e) => (e.export[1]!.attempts = e.export[1]!.attempts.toReversed()),
  ],
  ["more attempts than allowed", ["attempts_grow"], (e) => (e.limits.maxAttempts = 1)],
  ["an attempt is sent and not recorded", ["attempts_are_recorded"], (e) => e.export[1]!.attempts.pop()],
  [
    "a POST is sent again after a broken connection",
    ["ambiguous_sent_once", "attempts_are_recorded"],
    (e) => e.arrivals.push(arrival("lost", "POST", 2, 3_500, 3_510)),
  ],
  [
    "a POST is sent again after an answer",
    ["ambiguous_sent_once"],
    (e) => (e.arrivals[5]!.answer = { status: 500, body: SMALL }),
  ],
  ["too many at once", ["cap_held"], (e) => (e.arrivals[0]!.endedAt = 118)],
  ["a killed process's request still runs", ["cap_held"], (e) => (e.arrivals[1]!.endedAt = 2_035)],
  [
    "a later request is started first",
    ["first_in_first_out"],
    (e) => (e.export[0]!.attempts[0]!.startedAt = 1_006),
  ],
  [
    "a lower priority is started first",
    ["first_in_first_out"],
    (e) => {
      e.sent[0]!.priority = 9;
      e.export[0]!.attempts[0]!.startedAt = 1_006;
    },
  ],
  [
    "a later request arrives much earlier",
    ["first_in_first_out"],
    (e) => Object.assign(e.arrivals[0]!, { at: 380, endedAt: 390 }),
  ],
  [
    "a task is not found after its 202",
    ["found_after_202"],
    (e) => e.sightings.push(sighting("late", 80, null, 0)),
  ],
  [
    "a task goes back into line",
    ["only_forward"],
    (e) => e.sightings.push(sighting("busy", 2_600, "processing", 1)),
  ],
  [
    "a task comes back to life",
    ["only_forward"],
    (e) => e.sightings.push(sighting("plain", 300, "processing", 2)),
  ],
  [
    "a final state changes",
    ["final_never_changes"],
    (e) => e.sightings.push(sighting("again", 2_900, "failed", 2)),
  ],
  [
    "a final state is written over",
    ["final_never_changes"],
    (e) => {
      e.sightings.push(sighting("stopped", 2_019, "cancelled", 1), sighting("stopped", 3_000, "failed", 1));
    },
  ],
  [
    "a cancelled task ends otherwise",
    ["cancel_is_true"],
    (e) => {
      Object.assign(e.export[3]!, { state: "failed", reason: "outcome_unknown" });
      Object.assign(e.stats, { failed: 3, cancelled: 1 });
    },
  ],
  ["the reply to cancel names the wrong winner", ["cancel_is_true"], (e) => (e.cancels[2]!.state = "failed")],
  ["cancel says yes and leaves it running", ["cancel_is_true"], (e) => (e.cancels[0]!.state = "processing")],
  ["an attempt begins after cancel said yes", ["no_attempt_after_final"], (e) => (e.cancels[0]!.at = 1_700)],
  [
    "an attempt begins after the end was seen",
    ["no_attempt_after_final"],
    (e) => e.sightings.push(sighting("again", 1_700, "completed", 1)),
  ],
];

describe("the checker", () => {
  test("accepts what is sound", () => assert.equal(report(check(soundEvidence())), ""));

  test("takes it that a process died before it sent what it had started", () => {
    const evidence = soundEvidence();
    // Its first attempt never arrived; the second comes long after others that were accepted later.
    evidence.arrivals = evidence.arrivals.filter(({ token, attempt }) => token !== "again" || attempt !== 1);
    assert.equal(report(check(evidence)), "");
  });

  test("lets a higher priority overtake", () => {
    const evidence = soundEvidence();
    evidence.sent[1]!.priority = 9;
    evidence.export[0]!.attempts[0]!.startedAt = 1_006;
    assert.equal(report(check(evidence)), "");
  });

  for (const [what, expected, spoil] of VIOLATIONS) {
    test(`catches that ${what}`, () => {
      const evidence = soundEvidence();
      spoil(evidence);
      const violations = check(evidence);
      const broken = new Set(violations.map(({ invariant }) => invariant));
      assert.deepEqual([...broken].toSorted(), [...expected].toSorted(), report(violations));
    });
  }

  test("is shown every invariant broken", () => {
    const shown = new Set(VIOLATIONS.flatMap(([, invariants]) => invariants));
    assert.deepEqual(
      INVARIANT_NAMES.filter((name) => !shown.has(name)),
      [],
    );
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { NODE_LOST } from "../../src/task/decide.ts";
import { formatPlace, isEnd, parsePlace, type Step, stepsSince } from "../../src/task/history.ts";
import type { Attempt, Task } from "../../src/task/task.ts";
import { START, WAITING } from "../api/waiting-task.ts";

const REFUSED = { code: "target_error", message: "The target answered with status 503." };

/** One change after another, as the store makes them; each a second after the one before. */
type Change =
  | { readonly kind: "start" | "cancel" | "give_back" | "settle_cancelled" }
  | { readonly kind: "end"; readonly outcome: "retry" | "lost" | "interrupted" | "complete" }
  | { readonly kind: "progress"; readonly percent: number };

function attemptOf(task: Task, endedAt: number | null, more: Partial<Attempt> = {}): Attempt {
  return {
    number: task.attempts.length + (endedAt === null ? 1 : 0),
    target: null,
    startedAt: task.startedAt ?? 0,
    endedAt,
    outcome: null,
    status: null,
    error: null,
    ...more,
  };
}

const ENDINGS: Readonly<Record<"retry" | "lost" | "interrupted" | "complete", Partial<Task & Attempt>>> = {
  retry: { reason: "retry_backoff", error: REFUSED, outcome: "answered" },
  lost: { reason: "node_lost", error: NODE_LOST, outcome: "unknown" },
  interrupted: { reason: "interrupted", error: null, outcome: "interrupted" },
  complete: { reason: "completed", error: null, outcome: "answered" },
};

/** Null when the change is none that can happen to the task as it is. */
function change(task: Task, by: Change, now: number): Task | null {
  const finished = task.attempts.filter(({ endedAt }) => endedAt !== null);
  switch (by.kind) {
    case "start":
      if (task.state !== "pending") return null;
      return {
        ...task,
        state: "processing",
        reason: "running",
        startedAt: now,
        progress: null,
        attempts: [...finished, attemptOf({ ...task, startedAt: now }, null)],
      };
    case "give_back":
      if (task.state !== "processing" || task.progress !== null) return null;
      return {
        ...task,
        state: "pending",
        reason: "queued",
        startedAt: finished.at(-1)?.startedAt ?? null,
        attempts: finished,
      };
    case "progress":
      if (task.state !== "processing") return null;
      return { ...task, progress: { percent: by.percent, message: null, at: now } };
    case "end": {
      if (task.state !== "processing") return null;
      const { reason = "queued", error = null, outcome = null } = ENDINGS[by.outcome];
      const attempts = [...finished, attemptOf(task, now, { outcome, error })];
      return by.outcome === "complete"
        ? { ...task, state: "completed", reason, attempts, completedAt: now }
        : { ...task, state: "pending", reason, attempts };
    }
    case "cancel":
      if (task.state !== "processing" && task.state !== "pending") return null;
      // What runs is broken off, and its attempt written down later.
      return { ...task, state: "cancelled", reason: "cancelled", attempts: finished, completedAt: now };
    case "settle_cancelled":
      if (task.state !== "cancelled" || task.startedAt === finished.at(-1)?.startedAt) return null;
      if (task.startedAt === null) return null;
      return {
        ...task,
        attempts: [
          ...finished,
          attemptOf({ ...task, attempts: [...finished, attemptOf(task, null)] }, now, {
            outcome: "cancelled",
          }),
        ],
      };
    default:
      return by satisfies never;
  }
}

/** How the task stood after each change. */
function lifeOf(changes: readonly Change[]): readonly Task[] {
  const life = [WAITING];
  for (const by of changes) {
    const next = change(life.at(-1)!, by, START + life.length * 1_000);
    if (next !== null) life.push(next);
  }
  return life;
}

const CHANGES: Readonly<Record<Change["kind"], fc.Arbitrary<Change>>> = {
  start: fc.constant({ kind: "start" }),
  cancel: fc.constant({ kind: "cancel" }),
  give_back: fc.constant({ kind: "give_back" }),
  settle_cancelled: fc.constant({ kind: "settle_cancelled" }),
  end: fc
    .constantFrom<"retry" | "lost" | "interrupted" | "complete">("retry", "lost", "interrupted", "complete")
    .map((outcome) => ({ kind: "end", outcome })),
  progress: fc.integer({ min: 0, max: 100 }).map((percent) => ({ kind: "progress", percent })),
};

function changes(...kinds: readonly Change["kind"][]): fc.Arbitrary<Change[]> {
  return fc.array(fc.oneof(CHANGES.start, ...kinds.map((kind) => CHANGES[kind])), { maxLength: 30 });
}

/** A client that comes at some moments only, and knows nothing between them but the last event's id. */
function toldTo(life: readonly Task[], isThere: readonly boolean[], from: string): readonly Step[] {
  const told: Step[] = [];
  let last = from;
  for (const [i, task] of life.entries()) {
    const isLast = i === life.length - 1;
    if (!isLast && isThere[i % isThere.length] === false) continue;
    for (const step of stepsSince(task, parsePlace(last))) {
      told.push(step);
      last = formatPlace(step.place);
    }
  }
  return told;
}

function states(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => {
    if (step.kind === "progress") return [];
    return step.kind === "final" ? ["end"] : [`${step.state} ${step.reason} ${step.attempt}`];
  });
}

const presence = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });

test("whenever a client comes and goes, it is told every state once and in order", () => {
  fc.assert(
    fc.property(changes("end", "progress", "cancel", "settle_cancelled"), presence, (by, isThere) => {
      const life = lifeOf(by);
      const told = toldTo(life, isThere, "0-0");
      assert.deepEqual(states(told), states(toldTo(life, [true], "0-0")));
      assert.deepEqual(new Set(told.map(({ place }) => formatPlace(place))).size, told.length);
    }),
    { numRuns: 500 },
  );
});

test("a client that is always there hears of each change when it happens, and of its reason", () => {
  const life = lifeOf([
    { kind: "start" },
    { kind: "progress", percent: 10 },
    { kind: "end", outcome: "retry" },
    { kind: "start" },
    { kind: "end", outcome: "lost" },
    { kind: "start" },
    { kind: "end", outcome: "interrupted" },
    { kind: "start" },
    { kind: "end", outcome: "complete" },
  ]);
  const all = [
    "pending queued null",
    "processing running 1",
    "pending retry_backoff 1",
    "processing running 2",
    "pending node_lost 2",
    "processing running 3",
    "pending interrupted 3",
    "processing running 4",
    "end",
  ];
  assert.deepEqual(states(toldTo(life, [true], "0-0")), all);
  assert.deepEqual(states(stepsSince(life.at(-1)!, parsePlace("0-0"))), all);
  const steps = stepsSince(life.at(-1)!, parsePlace("0-0"));
  assert.deepEqual(
    steps.flatMap((step) => (step.kind === "state" && step.error !== null ? [step.error.code] : [])),
    ["target_error", "node_lost"],
  );
});

test("what an attempt was given back for leads to where the task stands, and its next start is told again", () => {
  const life = lifeOf([{ kind: "start" }, { kind: "give_back" }, { kind: "start" }]);
  const [, started, givenBack, again] = life;
  const first = stepsSince(started!, parsePlace("0-0")).at(-1)!;
  assert.deepEqual(states(stepsSince(givenBack!, first.place)), ["pending queued null"]);
  assert.deepEqual(states(stepsSince(again!, first.place)), ["processing running 1"]);
  assert.deepEqual(states(toldTo(life, [true], "0-0")), [
    "pending queued null",
    "processing running 1",
    "pending queued null",
    "processing running 1",
  ]);
});

test("attempts given back or not, a client ends up where the task stands", () => {
  fc.assert(
    fc.property(changes("end", "give_back", "progress", "cancel"), presence, (by, isThere) => {
      const life = lifeOf(by);
      const told = toldTo(life, isThere, "0-0");
      // Why it is back in line may read differently after an attempt that the client never saw.
      const stand = (steps: readonly Step[]) =>
        states(steps)
          .at(-1)
          ?.replace(/ [a-z_]+ /, " ");
      assert.deepEqual(stand(told), stand(stepsSince(life.at(-1)!, null)));
    }),
    { numRuns: 500 },
  );
});

test("a client without a place is told how the task stands, progress and all", () => {
  const life = lifeOf([{ kind: "start" }, { kind: "progress", percent: 10 }]);
  assert.deepEqual(
    stepsSince(life.at(-1)!, null).map(({ kind }) => kind),
    ["state", "progress"],
  );
});

test("the end has one place, before and after a cancelled attempt is written down", () => {
  const life = lifeOf([{ kind: "start" }, { kind: "cancel" }, { kind: "settle_cancelled" }]);
  assert.equal(life.length, 4);
  const ends = life.slice(2).map((task) => stepsSince(task, null));
  assert.deepEqual(ends[0], ends[1]);
  const end = ends[0]![0]!.place;
  assert.ok(isEnd(end));
  assert.deepEqual(stepsSince(life.at(-1)!, end), []);
  // The attempt was seen to begin, whether it is written down or not.
  assert.deepEqual(states(stepsSince(life[2]!, parsePlace("0-0"))), [
    "pending queued null",
    "processing running 1",
    "end",
  ]);
});

test("a place is read as it is written, and nothing else is one", () => {
  for (const text of ["0-0", "4-1770174245678", "end"]) assert.equal(formatPlace(parsePlace(text)!), text);
  for (const text of ["", "x", "4", "4-", "-4", "4-5-6", "4-5 ", "a3bb29da-7", "End", "1e3-4"])
    assert.equal(parsePlace(text), null, text);
});

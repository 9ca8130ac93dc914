import { NODE_LOST } from "./decide.ts";
import {
  type Attempt,
  isFinal,
  type Progress,
  type Reason,
  State,
  type Task,
  type TaskError,
} from "./task.ts";

/** One thing that has happened to a task. */
export type Step =
  | {
      readonly kind: "state";
      readonly place: Place;
      readonly state: "pending" | "processing";
      readonly reason: Reason;
      /** The attempt that began or ended; null before the first. */
      readonly attempt: number | null;
      /** What that attempt failed with. */
      readonly error: TaskError | null;
    }
  | {
      readonly kind: "progress";
      readonly place: Place;
      readonly progress: Progress;
      readonly attempt: number;
    }
  | { readonly kind: "final"; readonly place: Place };

/**
 * Where a step stands in the life of its task. `step` counts three for each attempt (it begins, its target tells of it, it
 * ends), so that it is the same whoever counts; `at` tells apart what came there twice.
 */
export interface Place {
  readonly step: number;
  /** ms since the epoch. */
  readonly at: number;
}

/** Before everything that has happened. */
export const BEGINNING: Place = Object.freeze({ step: 0, at: 0 });

/** After everything: the end of a task has one place, because a cancelled attempt is written down after it. */
export const END: Place = Object.freeze({ step: Infinity, at: 0 });

/**
 * What has happened since a place, oldest first; with null how the task stands now. All of it comes from what is stored, so
 * that whoever lost a connection is told the rest, and nothing twice, by this process or the next.
 *
 * An attempt that nothing came of is given back and never was: whoever saw it begin is told where the task stands since.
 */
export function stepsSince(task: Task, place: Place | null): readonly Step[] {
  const history = historyOf(task);
  if (place === null) return standing(history);
  const since = history.filter((step) => isAfter(step.place, place));
  const isTakenBack = since.length === 0 && history.every((step) => isAfter(place, step.place));
  return isTakenBack ? standing(history) : since;
}

export function isEnd({ step }: Place): boolean {
  return step === END.step;
}

/** `4-1770174245678`, and `end`. */
export function formatPlace({ step, at }: Place): string {
  return step === END.step ? "end" : `${step}-${at}`;
}

/** Null for what is none. */
export function parsePlace(text: string): Place | null {
  if (text === "end") return END;
  const [, step, at] = /^(\d{1,9})-(\d{1,15})$/.exec(text) ?? [];
  return step === undefined ? null : { step: Number(step), at: Number(at) };
}

function isAfter(one: Place, other: Place): boolean {
  return one.step === other.step ? one.at > other.at : one.step > other.step;
}

/** The latest state, and what was told of it. */
function standing(history: readonly Step[]): readonly Step[] {
  return history.slice(history.findLastIndex(({ kind }) => kind !== "progress"));
}

function historyOf(task: Task): readonly Step[] {
  const runs = runsOf(task);
  const hasEnded = isFinal(task.state);
  const steps: Step[] = [accepted(task)];
  for (const [i, run] of runs.entries()) {
    const isLatest = i === runs.length - 1;
    const isItsEnd = isLatest && hasEnded && !wasBackInLine(task, run.endedAt);
    steps.push(begun(run));
    if (isLatest && task.progress !== null) steps.push(told(run, task.progress));
    if (run.endedAt !== null && !isItsEnd) {
      steps.push(backInLine(run, run.endedAt, isLatest && !hasEnded ? task.reason : reasonAfter(run)));
    }
  }
  return hasEnded ? [...steps, { kind: "final", place: END }] : steps;
}

/** The end of its latest attempt is that of the task, unless it was cancelled while it waited for another. */
function wasBackInLine({ state, completedAt }: Task, endedAt: number | null): boolean {
  return state === State.cancelled && endedAt !== null && completedAt !== null && endedAt < completedAt;
}

type Run = Pick<Attempt, "number" | "startedAt" | "endedAt" | "outcome" | "error">;

/** The attempts, and one that a cancellation has broken off and that is not written down yet. */
function runsOf({ attempts, startedAt }: Task): readonly Run[] {
  if (startedAt === null || attempts.at(-1)?.startedAt === startedAt) return attempts;
  return [...attempts, { number: attempts.length + 1, startedAt, endedAt: null, outcome: null, error: null }];
}

function accepted({ createdAt, reason, state, startedAt }: Task): Step {
  const stillWaits = state === State.pending && startedAt === null;
  return {
    kind: "state",
    place: { step: 1, at: createdAt },
    state: State.pending,
    reason: stillWaits ? reason : "queued",
    attempt: null,
    error: null,
  };
}

function begun({ number, startedAt }: Run): Step {
  return {
    kind: "state",
    place: { step: 3 * number - 1, at: startedAt },
    state: State.processing,
    reason: "running",
    attempt: number,
    error: null,
  };
}

function told({ number }: Run, progress: Progress): Step {
  return {
    kind: "progress",
    place: { step: 3 * number, at: progress.at },
    progress,
    attempt: number,
  };
}

function backInLine({ number, error }: Run, endedAt: number, reason: Reason): Step {
  return {
    kind: "state",
    place: { step: 3 * number + 1, at: endedAt },
    state: State.pending,
    reason,
    attempt: number,
    error,
  };
}

/** As `task/decide.ts` gave it when the attempt ended. */
function reasonAfter({ outcome, error }: Run): Reason {
  if (outcome === "interrupted") return "interrupted";
  return error?.code === NODE_LOST.code ? "node_lost" : "retry_backoff";
}

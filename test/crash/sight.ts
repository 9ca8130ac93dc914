// What was seen of a task over time.

import { isFinal, type State } from "../../src/task/task.ts";
import type { Evidence, Sighting } from "./evidence.ts";

/**
 * Logs of several sockets of one process: what happened earlier in the world may be noted later, by as much as the
 * process was busy. Only differences larger than this count where two sockets are compared.
 */
export const SLACK_MS = 250;

export function foundAfter202({ sent, sightings }: Evidence): readonly string[] {
  const acceptedAt = new Map(
    sent.flatMap(({ fate }) => (fate.kind === "accepted" ? [[fate.taskId, fate.at] as const] : [])),
  );
  return sightings.flatMap(({ taskId, state, askedAt }) =>
    state === null && askedAt >= (acceptedAt.get(taskId) ?? Infinity)
      ? [`task ${taskId} was accepted and not found`]
      : [],
  );
}

/** pending → processing → pending, an attempt later → … → final. Looks that overlap in time may see either. */
export function onlyForward({ sightings }: Evidence): readonly string[] {
  return [...inOrder(sightings)].flatMap(([taskId, looks]) => {
    let furthest: Sighting | null = null;
    return looks.flatMap((look) => {
      if (look.state === null) return [];
      const before = furthest;
      if (before === null || stepOf(look) > stepOf(before)) furthest = look;
      if (before === null || look.askedAt < before.at || stepOf(look) >= stepOf(before)) return [];
      return [
        `task ${taskId} went from ${before.state} (${before.attempts}) to ${look.state} (${look.attempts})`,
      ];
    });
  });
}

function stepOf({ state, attempts }: Sighting): number {
  if (state === null || isFinal(state)) return Infinity;
  return state === "processing" ? 2 * attempts - 1 : 2 * attempts;
}

export function finalNeverChanges({ sightings, export: exported }: Evidence): readonly string[] {
  const atEnd = new Map(exported.map(({ taskId, state }) => [taskId, state]));
  return [...inOrder(sightings)].flatMap(([taskId, looks]) => {
    const seen = new Set<State>(
      looks.flatMap(({ state }) => (state !== null && isFinal(state) ? [state] : [])),
    );
    const end = atEnd.get(taskId);
    const all = end === undefined || seen.size === 0 ? seen : seen.add(end);
    return all.size > 1 ? [`task ${taskId} was ${[...all].join(", then ")}`] : [];
  });
}

/** One winner, and the reply says which. */
export function cancelIsTrue({ cancels, export: exported }: Evidence): readonly string[] {
  const atEnd = new Map(exported.map(({ taskId, state }) => [taskId, state]));
  return cancels.flatMap(({ taskId, changed, state }) => {
    const end = atEnd.get(taskId);
    if (changed && state !== "cancelled")
      return [`the cancel of ${taskId} says that it worked and that the task is ${state}`];
    if (!isFinal(state)) return [`the cancel of ${taskId} leaves it ${state}`];
    return end === undefined || end === state
      ? []
      : [`the cancel of ${taskId} says ${state}, and it ended ${end}`];
  });
}

export function noAttemptAfterFinal({
  sightings,
  cancels,
  arrivals,
  logLateMs,
}: Evidence): readonly string[] {
  const finalAt = new Map<string, number>();
  for (const { taskId, state, at } of [...sightings, ...cancels]) {
    if (state !== null && isFinal(state)) finalAt.set(taskId, Math.min(at, finalAt.get(taskId) ?? Infinity));
  }
  return arrivals.flatMap(({ token, taskId, attempt, at }) => {
    const lateMs = at - (finalAt.get(taskId) ?? Infinity);
    return lateMs > SLACK_MS + logLateMs
      ? [`${token}: attempt ${attempt} arrived ${lateMs.toFixed(0)} ms after it was seen to be over`]
      : [];
  });
}

function inOrder(sightings: readonly Sighting[]): ReadonlyMap<string, readonly Sighting[]> {
  return Map.groupBy(
    sightings.toSorted((a, b) => a.at - b.at),
    ({ taskId }) => taskId,
  );
}

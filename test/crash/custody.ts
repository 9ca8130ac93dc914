// What was taken in is kept, once, and nothing else is there.

import { isFinal, STATES } from "../../src/task/task.ts";
import type { Digest, Evidence, Sent } from "./evidence.ts";

/** Every task that a client holds a 202 for is there, under its id and for its request. */
export function noLoss({ sent, export: exported }: Evidence): readonly string[] {
  const byId = new Map(exported.map((task) => [task.taskId, task]));
  return sent.flatMap(({ token, fate }) => {
    if (fate.kind !== "accepted") return [];
    const kept = byId.get(fate.taskId);
    if (kept === undefined) return [`${token}: task ${fate.taskId} was accepted and is gone`];
    return kept.token === token ? [] : [`${token}: task ${fate.taskId} is that of ${kept.token}`];
  });
}

/** Nothing is kept or sent that no client sent, or that a client was refused. */
export function noGhosts({ sent, arrivals, export: exported }: Evidence): readonly string[] {
  const known = byToken(sent);
  const tokenOf = new Map(exported.map(({ taskId, token }) => [taskId, token]));
  const why = (token: string): string | null => {
    const request = known.get(token);
    if (request === undefined) return "that no client sent";
    return request.fate.kind === "refused" ? `that was refused with ${request.fate.status}` : null;
  };
  return [
    ...exported.flatMap(({ token, taskId }) =>
      why(token) === null ? [] : [`${token}: task ${taskId} ${why(token)}`],
    ),
    ...arrivals.flatMap(({ token, taskId }) => {
      if (why(token) !== null) return [`${token}: the target saw a request ${why(token)}`];
      return tokenOf.get(taskId) === token
        ? []
        : [`${token}: the target saw it for the unknown task ${taskId}`];
    }),
  ];
}

export function oneTaskPerRequest({ export: exported }: Evidence): readonly string[] {
  const ofToken = Map.groupBy(exported, ({ token }) => token);
  const ofId = Map.groupBy(exported, ({ taskId }) => taskId);
  return [
    ...[...ofToken].flatMap(([token, tasks]) =>
      tasks.length === 1 ? [] : [`${token}: ${tasks.length} tasks`],
    ),
    ...[...ofId].flatMap(([id, tasks]) =>
      tasks.length === 1 ? [] : [`task ${id} is listed ${tasks.length} times`],
    ),
  ];
}

export function allFinal({ export: exported }: Evidence): readonly string[] {
  return exported.flatMap(({ token, state, reason }) =>
    isFinal(state) ? [] : [`${token} ends ${state} (${reason})`],
  );
}

export function statsAreTheHistogram({ stats, export: exported }: Evidence): readonly string[] {
  return STATES.flatMap((state) => {
    const counted = exported.filter((task) => task.state === state).length;
    return stats[state] === counted ? [] : [`stats say ${stats[state]} ${state}, there are ${counted}`];
  });
}

export function slotsAreFree({ inFlight }: Evidence): readonly string[] {
  return inFlight === 0 ? [] : [`${inFlight} slots are taken when nothing runs`];
}

/** The files left are exactly the large bodies of the tasks that are left. */
export function noOrphanFiles({ sent, export: exported, files, limits }: Evidence): readonly string[] {
  const known = byToken(sent);
  const bodies = exported.flatMap(({ token, answer }) => [known.get(token)?.body, answer?.body]);
  const owned = tally(
    bodies.filter((body) => body !== undefined && body.sizeBytes > limits.inlineBytes) as Digest[],
  );
  const found = tally(files);
  return [...new Set([...owned.keys(), ...found.keys()])].flatMap((body) => {
    const [expected, there] = [owned.get(body) ?? 0, found.get(body) ?? 0];
    return expected === there ? [] : [`${there} files instead of ${expected} with the body ${body}`];
  });
}

function tally(bodies: readonly Digest[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { sizeBytes, sha256 } of bodies) {
    const body = `${sha256} of ${sizeBytes} bytes`;
    counts.set(body, (counts.get(body) ?? 0) + 1);
  }
  return counts;
}

export function byToken(sent: readonly Sent[]): ReadonlyMap<string, Sent> {
  return new Map(sent.map((request) => [request.token, request]));
}

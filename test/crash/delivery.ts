// What the target saw of a request, and what became of its answer.

import { byToken } from "./custody.ts";
import type { Answer, Arrival, Digest, Evidence } from "./evidence.ts";

/** RFC 9110 9.2.2, as far as the load uses it. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE"]);

/** Answers by which the target says that it did not act (RFC 6585 4, RFC 9110 15.6.4). */
const REFUSALS: ReadonlySet<number> = new Set([429, 503]);

export function requestUnchanged({ sent, arrivals, export: exported }: Evidence): readonly string[] {
  const known = byToken(sent);
  const seen = arrivals.flatMap(({ token, method, body }) => {
    const request = known.get(token);
    if (request === undefined) return [];
    if (request.method !== method) return [`${token}: sent as ${request.method}, arrived as ${method}`];
    return body === null || same(request.body, body)
      ? []
      : [`${token}: ${changed("the body", request.body, body)}`];
  });
  const kept = exported.flatMap(({ token, method }) => {
    const request = known.get(token);
    return request === undefined || request.method === method
      ? []
      : [`${token}: sent as ${request.method}, kept as ${method}`];
  });
  return [...seen, ...kept];
}

/** A kept answer is one that the target gave to this request, whole; the state tells what it was. */
export function answerUnchanged({ arrivals, export: exported }: Evidence): readonly string[] {
  const seen = Map.groupBy(arrivals, ({ taskId }) => taskId);
  return exported.flatMap(({ token, taskId, state, reason, answer }) => {
    const wanted = state === "completed" || reason === "target_error";
    if (answer === null) return wanted ? [`${token} is ${state} (${reason}) without an answer`] : [];
    if (!wanted) return [`${token} is ${state} (${reason}) with an answer`];
    if ((state === "completed") !== answer.status < 400)
      return [`${token} is ${state} by an answer ${answer.status}`];
    const given = (seen.get(taskId) ?? []).map((arrival) => arrival.answer);
    return given.some((one) => one !== null && sameAnswer(one, answer))
      ? []
      : [`${token}: the target never gave the answer that is kept`];
  });
}

/** One request's path, header and body belong together, and so do its task and its token. */
export function noCrossTalk({ arrivals }: Evidence): readonly string[] {
  return arrivals.flatMap(({ token, headerToken }) =>
    token === headerToken ? [] : [`the path of ${token} arrived with the header of ${headerToken}`],
  );
}

export function attemptsGrow({ arrivals, export: exported, limits }: Evidence): readonly string[] {
  const problem = (numbers: readonly number[]): boolean =>
    numbers.some((number, i) => number <= (numbers[i - 1] ?? 0) || number > limits.maxAttempts);
  const seen = [...inOrder(arrivals)].map(
    ([token, list]) => [token, "arrived", list.map(({ attempt }) => attempt)] as const,
  );
  const kept = exported.map(
    ({ token, attempts }) => [token, "are kept", attempts.map(({ number }) => number)] as const,
  );
  return [...seen, ...kept].flatMap(([token, how, numbers]) =>
    problem(numbers) ? [`${token}: attempts ${numbers.join(", ")} ${how}`] : [],
  );
}

/**
 * An attempt is written down before its first byte leaves, so each that arrived is known. Of a cancelled task the
 * record may end before: the process can die with the attempt's end unwritten, and nothing follows from it any more.
 */
export function attemptsAreRecorded({ arrivals, export: exported }: Evidence): readonly string[] {
  const kept = new Map(exported.map((task) => [task.taskId, task]));
  return arrivals.flatMap(({ token, taskId, attempt }) => {
    const task = kept.get(taskId);
    if (task === undefined || task.state === "cancelled") return [];
    return task.attempts.some(({ number }) => number === attempt)
      ? []
      : [`${token}: attempt ${attempt} arrived and is not known`];
  });
}

/** What may have had an effect is sent again only when doing it twice is doing it once. */
export function ambiguousSentOnce({ arrivals }: Evidence): readonly string[] {
  return [...inOrder(arrivals)].flatMap(([token, list]) => {
    if (IDEMPOTENT.has(list[0]?.method ?? "")) return [];
    const ambiguous = list
      .slice(0, -1)
      .filter(({ answer }) => answer === null || !REFUSALS.has(answer.status));
    return ambiguous.length === 0
      ? []
      : [`${token}: sent again after attempt ${ambiguous.map(({ attempt }) => attempt).join(", ")}`];
  });
}

function inOrder(arrivals: readonly Arrival[]): ReadonlyMap<string, readonly Arrival[]> {
  return Map.groupBy(
    arrivals.toSorted((a, b) => a.at - b.at),
    ({ token }) => token,
  );
}

function sameAnswer(one: Answer, other: Answer): boolean {
  return one.status === other.status && same(one.body, other.body);
}

function same(one: Digest, other: Digest): boolean {
  return one.sizeBytes === other.sizeBytes && one.sha256 === other.sha256;
}

function changed(what: string, from: Digest, to: Digest): string {
  return `${what} of ${from.sizeBytes} bytes became another of ${to.sizeBytes}`;
}

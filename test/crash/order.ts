// When requests reach the target: never too many, and in their order.

import type { Evidence, Exported, Sent } from "./evidence.ts";
import { SLACK_MS } from "./sight.ts";

/** As the target counts it, over the lives of all processes: a request ends with its answer or its connection. */
export function capHeld({ arrivals, limits }: Evidence): readonly string[] {
  const changes = arrivals.flatMap(({ token, at, endedAt }) => [
    { at, by: 1, token },
    { at: endedAt, by: -1, token },
  ]);
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  return changes.flatMap(({ at, by, token }) => {
    now += by;
    return by === 1 && now > limits.cap ? [`${token} is number ${now} at once, at ${at.toFixed(1)} ms`] : [];
  });
}

/**
 * Of two requests where one was accepted before the other was sent, the first is started first, unless the second has a
 * higher priority. Started: by Headgate's own word for the first attempt, exactly; and as the target saw it, give or take
 * the time that requests sent in the same instant need on their different connections.
 */
export function firstInFirstOut({
  sent,
  arrivals,
  export: exported,
  logLateMs,
}: Evidence): readonly string[] {
  const tasks = new Map(exported.map((task) => [task.taskId, task]));
  // Of a first attempt that never arrived, because the process died, the second says nothing about the order.
  const first = arrivals.filter(({ attempt }) => attempt === 1).toSorted((a, b) => b.at - a.at);
  const arrived = new Map(first.map(({ taskId, at }) => [taskId, at]));
  const line = sent.flatMap((request) => toPlace(request, tasks, arrived));
  return [
    ...overtakings(line, ({ startedAt }) => startedAt, 0, "started"),
    ...overtakings(line, ({ arrivedAt }) => arrivedAt, SLACK_MS + logLateMs, "arrived"),
  ];
}

interface Place {
  readonly token: string;
  readonly priority: number;
  readonly sentAt: number;
  readonly acceptedAt: number;
  readonly startedAt: number | null;
  readonly arrivedAt: number | null;
}

function toPlace(
  { token, priority, at, fate }: Sent,
  tasks: ReadonlyMap<string, Exported>,
  arrived: ReadonlyMap<string, number>,
): readonly Place[] {
  if (fate.kind !== "accepted") return [];
  const first = tasks.get(fate.taskId)?.attempts.find(({ number }) => number === 1);
  const arrivedAt = arrived.get(fate.taskId) ?? null;
  return [
    { token, priority, sentAt: at, acceptedAt: fate.at, startedAt: first?.startedAt ?? null, arrivedAt },
  ];
}

/**
 * Goes through the requests as they were sent and keeps, of those accepted before and with at least this priority, the
 * one that started last: it alone has to be compared.
 */
function overtakings(
  line: readonly Place[],
  startOf: (place: Place) => number | null,
  slackMs: number,
  how: string,
): readonly string[] {
  const places = line.filter((place) => startOf(place) !== null);
  const bySending = places.toSorted((a, b) => a.sentAt - b.sentAt);
  const byAcceptance = places.toSorted((a, b) => a.acceptedAt - b.acceptedAt);
  const latest: (Place | undefined)[] = [];
  const violations: string[] = [];
  let accepted = 0;
  for (const place of bySending) {
    for (; accepted < byAcceptance.length && byAcceptance[accepted]!.acceptedAt < place.sentAt; accepted++) {
      const before = byAcceptance[accepted]!;
      const known = latest[before.priority];
      if (known === undefined || startOf(known)! < startOf(before)!) latest[before.priority] = before;
    }
    for (const before of latest.slice(place.priority)) {
      if (before === undefined || startOf(before)! <= startOf(place)! + slackMs) continue;
      const byMs = (startOf(before)! - startOf(place)!).toFixed(1);
      violations.push(
        `${place.token} (priority ${place.priority}) ${how} ${byMs} ms before ${before.token} (${before.priority}), accepted earlier`,
      );
    }
  }
  return violations;
}

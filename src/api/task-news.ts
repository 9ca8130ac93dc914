import { toIsoTime, toIsoTimeOrNull } from "../lib/clock.ts";
import type { Found } from "../store/store.ts";
import { formatPlace, type Place, type Step } from "../task/history.ts";
import { State, type Task } from "../task/task.ts";
import type { PositionNews, ProgressNews, StateNews } from "./news-schema.ts";
import { writeEvent } from "./sse.ts";
import { type ViewContext, viewTask } from "./task-view.ts";

type Told = Exclude<Step, { readonly kind: "final" }>;

/** A step in the life of a task as an event of its stream. */
export function writeStep(step: Told, found: Found, context: ViewContext): string {
  const id = formatPlace(step.place);
  return step.kind === "state"
    ? writeEvent({ id, event: "state", data: JSON.stringify(viewState(step, found.task)) })
    : writeEvent({ id, event: "progress", data: JSON.stringify(viewProgress(step, found, context)) });
}

function viewState(step: Told & { readonly kind: "state" }, task: Task): StateNews {
  const isCurrent = task.state === State.pending && step.state === State.pending;
  return {
    task_id: task.id,
    status: step.state,
    reason: step.reason,
    route: task.lane,
    client: task.client,
    attempt: step.attempt,
    at: toIsoTime(step.place.at),
    // When it was due earlier in its life is written down nowhere.
    due_at: isCurrent ? toIsoTimeOrNull(task.notBefore) : null,
    error: step.error,
    method: task.method,
    path: task.path,
    priority: task.priority,
  };
}

function viewProgress(
  { progress }: Told & { readonly kind: "progress" },
  found: Found,
  context: ViewContext,
): ProgressNews {
  const { task } = found;
  return {
    task_id: task.id,
    route: task.lane,
    client: task.client,
    percent: progress.percent,
    message: progress.message,
    at: toIsoTime(progress.at),
    eta_seconds: task.state === State.processing ? viewTask(found, null, context).eta_seconds : null,
  };
}

/** Where a task waits; null when it does not. */
export function viewPosition(found: Found, context: ViewContext): PositionNews | null {
  if (found.task.state !== State.pending) return null;
  const { task_id, position, eta_seconds, waiting_for } = viewTask(found, null, context);
  return { task_id, position, eta_seconds, waiting_for };
}

/** Under the id of the step before: a client that comes again is told its place anew. */
export function writePosition(news: PositionNews, { place }: { readonly place: Place }): string {
  return writeEvent({ id: formatPlace(place), event: "position", data: JSON.stringify(news) });
}

/** Whether a client would see a difference: what is worked out anew with each look moves by less than a second. */
export function isSamePosition(one: PositionNews | null, other: PositionNews): boolean {
  return one !== null && standsAt(one) === standsAt(other);
}

function standsAt({ position, eta_seconds: eta, waiting_for: waits }: PositionNews): string {
  const until = waits?.until === undefined || waits.until === null ? "" : waits.until.slice(0, TO_THE_SECOND);
  return [position, eta === null ? "" : Math.round(eta), waits?.reason ?? "", until].join(" ");
}

const TO_THE_SECOND = "2026-02-04T03:04:05".length;

import { isFinal, type TaskList, type TaskStatus, type TaskView } from "../../../../client/views.ts";
import type { LiveEvent } from "../../live/follow.ts";

/** What has become of tasks, by their ids: what the latest state is, and how far its work is. */
export type News = Map<string, Change>;

interface Change {
  readonly told: Told | null;
  /** When the latest attempt began, if that is part of the news. */
  readonly startedAt: string | null;
  readonly progress: TaskView["progress"];
}

/** Of an event `state` or `final`, as much as the list shows. */
interface Told {
  readonly task_id: string;
  readonly status: TaskStatus;
  readonly reason: TaskView["reason"];
  readonly at: string;
  readonly attempt: number | null;
  readonly error: TaskView["error"];
}

type Progress = NonNullable<TaskView["progress"]> & Pick<Told, "task_id">;

/** Adds what the events tell to the news; answers how many tasks were accepted. */
export function takeNews(events: readonly LiveEvent[], news: News): number {
  let accepted = 0;
  for (const { type, data } of events) {
    if (type === "progress") {
      const { task_id, percent, message, at } = data as Progress;
      const before = news.get(task_id) ?? NOTHING;
      news.set(task_id, { ...before, progress: { percent, message, at } });
    }
    if (type !== "state" && type !== "final") continue;
    const told = data as Told;
    const { task_id, status, at, attempt } = told;
    if (status === "pending" && attempt === null) accepted += 1;
    const startedAt = status === "processing" ? at : (news.get(task_id)?.startedAt ?? null);
    news.set(task_id, { told, startedAt, progress: null });
  }
  return accepted;
}

const NOTHING: Change = Object.freeze({ told: null, startedAt: null, progress: null });

/** A page of which nothing is new stays the same object, so that its rows are not drawn again. */
export function withNews(page: TaskList, news: ReadonlyMap<string, Change>): TaskList {
  if (!page.tasks.some(({ task_id }) => news.has(task_id))) return page;
  return { ...page, tasks: page.tasks.map((task) => changed(task, news.get(task.task_id))) };
}

function changed(task: TaskView, change: Change | undefined): TaskView {
  // What has ended stays as it is: the page may have been read after this was told.
  if (change === undefined || isFinal(task.status)) return task;
  const { told, progress } = change;
  if (told === null) return { ...task, progress };
  const { status, reason, at, error } = told;
  const started_at = change.startedAt ?? task.started_at;
  const hasRun = isFinal(status) && started_at !== null;
  return Object.assign({}, task, {
    status,
    reason,
    error,
    progress,
    // What kept it may be another thing now.
    waiting_for: null,
    started_at,
    ...(hasRun ? { completed_at: at, duration_seconds: secondsBetween(started_at, at) } : {}),
  });
}

function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1_000;
}

import { toIsoTime } from "../lib/clock.ts";
import { withoutQuery } from "../lib/url.ts";
import type { Delivery } from "../store/outbox.ts";
import type { Task } from "../task/task.ts";
import type { Notice } from "./notice.ts";

/**
 * What a receiver is told of a task that has ended. A thin message: it names the task, and whoever wants more asks for it.
 * It is made of what never changes, so that each try has the same bytes; a task that was deleted meanwhile is told by what
 * its delivery knows.
 */
export function taskNotice(delivery: Delivery, task: Task | null, controlPrefix: string): Notice {
  const { taskId, taskState, type, createdAt } = delivery;
  const timestamp = toIsoTime(createdAt);
  const status = String(taskState);
  const url = `${controlPrefix}/task/${taskId}`;
  const links = { status_url: url, result_url: `${url}/result` };
  if (task === null) {
    const data = { task_id: taskId, status, ...links };
    return { type, timestamp, title: `Task ${status}`, facts: [["Task", String(taskId)]], data };
  }
  const path = withoutQuery(task.path);
  const data = {
    task_id: taskId,
    status,
    reason: task.reason,
    route: task.lane,
    method: task.method,
    path,
    client: task.client,
    labels: task.labels,
    attempts: task.attempts.length,
    response_status: task.responseStatus,
    error: task.error,
    created_at: toIsoTime(task.createdAt),
    ...links,
  };
  const facts: (readonly [string, string])[] = [
    ["Request", `${task.method} ${path}`],
    ["Route", task.lane],
    ["Task", task.id],
  ];
  const why = task.error?.message ?? (task.responseStatus === null ? null : `HTTP ${task.responseStatus}`);
  if (why !== null) facts.push([status === "completed" ? "Answer" : "Why", why]);
  return { type, timestamp, title: `Task ${status}`, facts, data };
}

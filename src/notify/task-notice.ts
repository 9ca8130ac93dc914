import { toIsoTime } from "../lib/clock.ts";
import type { Language } from "../lib/language.ts";
import { withoutQuery } from "../lib/url.ts";
import type { Delivery } from "../store/outbox.ts";
import type { FinalState, Task } from "../task/task.ts";
import type { Notice } from "./notice.ts";

/**
 * What a receiver is told of a task that has ended. A thin message: it names the task, and whoever wants more asks for it.
 * It is made of what never changes, so that each try has the same bytes; a task that was deleted meanwhile is told by what
 * its delivery knows.
 */
export function taskNotice(
  delivery: Delivery,
  task: Task | null,
  { controlPrefix, language }: TaskNoticeOptions,
): Notice {
  const { taskId, taskState, type, createdAt } = delivery;
  const timestamp = toIsoTime(createdAt);
  const status = String(taskState);
  const words = WORDS[language];
  const title = taskState === null ? words.task : words.title[taskState];
  const url = `${controlPrefix}/task/${taskId}`;
  const links = { status_url: url, result_url: `${url}/result` };
  if (task === null) {
    const data = { task_id: taskId, status, ...links };
    return { type, timestamp, title, facts: [[words.task, String(taskId)]], data };
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
    [words.request, `${task.method} ${path}`],
    [words.route, task.lane],
    [words.task, task.id],
  ];
  const why = task.error?.message ?? (task.responseStatus === null ? null : `HTTP ${task.responseStatus}`);
  if (why !== null) facts.push([taskState === "completed" ? words.answer : words.why, why]);
  return { type, timestamp, title, facts, data };
}

export interface TaskNoticeOptions {
  readonly controlPrefix: string;
  /** Of title and facts; `data` has none. */
  readonly language: Language;
}

interface Words {
  readonly title: Readonly<Record<FinalState, string>>;
  readonly task: string;
  readonly request: string;
  readonly route: string;
  readonly answer: string;
  readonly why: string;
}

const WORDS: Readonly<Record<Language, Words>> = Object.freeze({
  en: {
    title: { completed: "Task completed", failed: "Task failed", cancelled: "Task cancelled" },
    task: "Task",
    request: "Request",
    route: "Route",
    answer: "Answer",
    why: "Why",
  },
  zh: {
    title: { completed: "任务已完成", failed: "任务失败", cancelled: "任务已取消" },
    task: "任务",
    request: "请求",
    route: "路由",
    answer: "响应",
    why: "原因",
  },
});

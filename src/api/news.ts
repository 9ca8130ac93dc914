import { type Clock, toIsoTime, toIsoTimeOrNull } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { TaskEvents } from "../task/event.ts";
import { State } from "../task/task.ts";
import { viewOverrides } from "./lane-view.ts";
import type { ProgressNews, StateNews } from "./news-schema.ts";

/** What a follower of `/events` can ask for. */
export type Topic = "task" | "lane" | "target" | "webhook" | "alert" | "stats";

export const TOPICS: readonly Topic[] = Object.freeze([
  "task",
  "lane",
  "target",
  "webhook",
  "alert",
  "stats",
]);

/** One event of `/events`, ready to be sent but for its id. */
export interface News {
  readonly topic: Topic;
  readonly event: string;
  readonly data: string;
  /** Of a task; null for what concerns the whole. */
  readonly about: {
    readonly id: string;
    readonly client: string;
    readonly lane: string;
    readonly status: State;
  } | null;
  readonly sizeBytes: number;
}

export interface NewsSettings {
  readonly events: Emitter<TaskEvents>;
  readonly clock: Pick<Clock, "now">;
  /** Whether anybody would want to know; asked with each event. */
  readonly isWanted: () => boolean;
  /** `isBefore` says of which news of the same moment it is the beginning. */
  readonly add: (news: News, isBefore?: (other: News) => boolean) => void;
}

/** Words for clients what happens; who may see what is for the route to say. */
export function collectNews(settings: NewsSettings): void {
  collectTaskNews(settings);
  collectOtherNews(settings);
}

function collectTaskNews({ events, clock, isWanted, add }: NewsSettings): void {
  function on<Name extends keyof TaskEvents>(name: Name, word: (event: TaskEvents[Name]) => void): void {
    events.on(name, (event) => {
      if (isWanted()) word(event);
    });
  }
  type Change = Omit<StateNews, "task_id" | "route" | "client" | "at">;
  type Subject = { readonly id: string; readonly lane: string; readonly client: string };

  function state({ id, lane, client }: Subject, event: "state" | "final", change: Change): News {
    const news: StateNews = { task_id: id, route: lane, client, at: toIsoTime(clock.now()), ...change };
    return write("task", event, news, { id, client, lane, status: change.status });
  }

  on("task.accepted", (task) => {
    const { method, path, priority, notBefore } = task;
    const change: Change = {
      status: State.pending,
      reason: notBefore === null ? "queued" : "delayed",
      attempt: null,
      due_at: toIsoTimeOrNull(notBefore),
      error: null,
      method,
      path,
      priority,
    };
    // The commit that keeps a task may start it, too, and who asked for the start may hear of it first.
    add(state(task, "state", change), ({ about }) => about?.id === task.id);
  });
  on("attempt.started", (task) =>
    add(
      state(task, "state", {
        status: State.processing,
        reason: "running",
        attempt: task.attempt,
        due_at: null,
        error: null,
      }),
    ),
  );
  let latest: TaskEvents["attempt.ended"] | null = null;
  events.on("attempt.ended", (attempt) => (latest = attempt));
  on("task.requeued", (task) =>
    add(
      state(task, "state", {
        status: State.pending,
        reason: task.reason,
        attempt: task.attempt,
        due_at: toIsoTimeOrNull(task.notBefore),
        // What follows from an attempt is told right after its end.
        error: task.tried && latest?.id === task.id ? latest.error : null,
      }),
    ),
  );
  on("task.ended", (task) =>
    add(
      state(task, "final", {
        status: task.state,
        reason: task.reason,
        attempt: task.attempt,
        due_at: null,
        error: task.error,
      }),
    ),
  );
  on("task.removed", ({ id, lane, client, state: status }) =>
    add(write("task", "removed", { task_id: id }, { id, client, lane, status })),
  );
  on("task.progress", ({ id, lane, client, progress }) => {
    const { percent, message, at } = progress;
    const news: ProgressNews = { task_id: id, route: lane, client, percent, message, at: toIsoTime(at) };
    add(write("task", "progress", news, { id, client, lane, status: State.processing }));
  });
}

function collectOtherNews({ events, isWanted, add }: NewsSettings): void {
  function on<Name extends keyof TaskEvents>(
    name: Name,
    topic: Topic,
    event: string,
    data: (event: TaskEvents[Name]) => object,
  ): void {
    events.on(name, (payload) => {
      if (isWanted()) add(write(topic, event, data(payload), null));
    });
  }

  on("tasks.pruned", "task", "pruned", ({ count }) => ({ count }));
  on("lane.changed", "lane", "lane", ({ lane, settings }) => ({
    route: lane,
    paused: settings.paused,
    overrides: viewOverrides(settings),
  }));
  on("target.circuit", "target", "target", ({ pool, target, from, to, failures, until }) => ({
    pool,
    url: target,
    circuit: { from, state: to, failures, until: toIsoTimeOrNull(until) },
  }));
  on("target.health", "target", "target", ({ pool, target, healthy, why }) => ({
    pool,
    url: target,
    healthy,
    why,
  }));
  on("webhook.tried", "webhook", "webhook", ({ delivery, taskId, ...tried }) => ({
    delivery_id: delivery,
    task_id: taskId,
    ...tried,
  }));
  // Many a receiver has its secret in the path of its URL.
  on("webhook.disabled", "webhook", "webhook", ({ url, failed }) => ({
    receiver: URL.parse(url)?.origin ?? null,
    state: "disabled",
    failed,
  }));
  on("alert.raised", "alert", "alert", (alert) => ({ ...alert, state: "raised" }));
  on("alert.resolved", "alert", "alert", (alert) => ({ ...alert, state: "resolved" }));
}

/** What an entry costs besides its text. */
const OVERHEAD_BYTES = 200;

function write(topic: Topic, event: string, content: object, about: News["about"]): News {
  const data = JSON.stringify(content);
  return { topic, event, data, about, sizeBytes: data.length + OVERHEAD_BYTES };
}

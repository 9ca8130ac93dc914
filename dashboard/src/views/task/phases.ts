import type { TaskView } from "../../../../client/views.ts";

/** A stretch of a task's life; times are ms since the epoch. */
export interface Phase {
  readonly kind: "waiting" | "attempt" | "backoff";
  readonly from: number;
  readonly to: number;
  /** Of an attempt. */
  readonly attempt: TaskView["attempts"][number] | null;
}

/** Waiting, then attempts with the pauses between them, up to the end or to now. */
export function phasesOf(task: TaskView, now: number): readonly Phase[] {
  const end = task.completed_at === null ? now : Date.parse(task.completed_at);
  const phases: Phase[] = [];
  let at = Date.parse(task.created_at);
  for (const attempt of task.attempts) {
    const from = Date.parse(attempt.started_at);
    const to = attempt.ended_at === null ? end : Date.parse(attempt.ended_at);
    const kind = phases.length === 0 ? "waiting" : "backoff";
    phases.push(
      { kind, from: at, to: Math.max(at, from), attempt: null },
      { kind: "attempt", from, to, attempt },
    );
    at = to;
  }
  if (task.completed_at === null || phases.length === 0) {
    if (task.status !== "processing") {
      phases.push({
        kind: phases.length === 0 ? "waiting" : "backoff",
        from: at,
        to: Math.max(at, end),
        attempt: null,
      });
    }
  }
  return phases;
}

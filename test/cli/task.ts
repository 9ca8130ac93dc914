import type { TaskView } from "../../client/views.ts";

/** A task as the API gives it. */
export function taskWith(changes: Partial<TaskView> = {}): TaskView {
  return {
    success: true,
    batch_id: null,
    task_id: "0196d3a0-5c5e-7c3a-9d0e-3b1f6a2c4d5e",
    status: "pending",
    reason: "queued",
    route: "default",
    method: "POST",
    path: "/api/x",
    created_at: "2026-02-04T03:04:05.678Z",
    started_at: null,
    completed_at: null,
    queue_seconds: 1,
    duration_seconds: null,
    is_long_task: false,
    priority: 4,
    position: null,
    eta_seconds: null,
    waiting_for: null,
    progress: null,
    attempts: [],
    result: null,
    error: null,
    result_url: "/task/0196d3a0-5c5e-7c3a-9d0e-3b1f6a2c4d5e/result",
    client: "127.0.0.1",
    labels: {},
    retry_of: null,
    response: null,
    ...changes,
  };
}

import type { ClaimedTask } from "../../src/task/task.ts";
import { EMPTY_BODY } from "../../src/task/task.ts";

/** A claimed task with a value of its own in every field. */
export function claimed(changes: Partial<ClaimedTask> = {}): ClaimedTask {
  return {
    lease: { taskId: "01a20788-bde7-706e-bbf8-7e9edf447801", node: "n1", epoch: 7 },
    lane: "default",
    client: "somebody",
    request: { method: "POST", path: "/api/function1", headers: ["Host", "h"], body: EMPTY_BODY },
    attempt: 1,
    maxAttempts: 3,
    timeoutMs: 60_000,
    idempotent: false,
    createdAt: 1_000,
    startedAt: 2_000,
    ...changes,
  };
}

import type { Task } from "../../src/task/task.ts";

export const START: number = Date.UTC(2026, 1, 4, 3, 4, 5, 678);

/** A task that nobody has begun, accepted at `START`. */
export const WAITING: Task = {
  id: "the-id",
  lane: "slow",
  state: "pending",
  reason: "queued",
  method: "POST",
  path: "/api/function1?a=b",
  priority: 3,
  client: "somebody",
  labels: { team: "search" },
  createdAt: START,
  notBefore: null,
  startBefore: null,
  startedAt: null,
  completedAt: null,
  timeoutMs: 600_000,
  maxAttempts: 3,
  idempotent: false,
  attempts: [],
  error: null,
  requestSizeBytes: 5,
  responseStatus: null,
  responseSizeBytes: null,
  retryOf: "the-old-one",
  batch: "the-batch",
  callbacks: [],
  progress: null,
};

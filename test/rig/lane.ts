// A lane as a route without settings has it.

import type { LaneConfig } from "../../src/config/config.ts";
import { DEFAULT_POLICY } from "../../src/task/decide.ts";

export function newLane(changes: Partial<LaneConfig> = {}): LaneConfig {
  return {
    name: "default",
    pool: "default",
    maxConcurrent: 10,
    workers: 10,
    maxQueueSize: 100,
    rate: null,
    timeoutMs: 600_000,
    startWithinMs: null,
    maxAttempts: 3,
    policy: DEFAULT_POLICY,
    idempotent: false,
    waitMs: 0,
    onCancel: "disconnect",
    keyIn: "headgate-key",
    cache: null,
    priority: 4,
    retentionMs: 604_800_000,
    ...changes,
  };
}

import { DEFAULT_POLICY } from "../task/decide.ts";
import { PRIORITY } from "../task/task.ts";
import type { Config, PoolConfig, RouteConfig } from "./config.ts";

/** The pool and the route of those who name one target and no routes. */

export function defaultPool(url: URL): PoolConfig {
  return {
    name: "default",
    targets: [{ url, weight: 1, maxConcurrent: null }],
    balance: { by: "round_robin" },
    health: null,
    circuit: { failures: 5, openMs: 5_000, maxOpenMs: 300_000 },
    retryBudget: 0.1,
  };
}

export function defaultRoute(
  options: Pick<
    Config,
    "maxConcurrent" | "maxQueueSize" | "numWorkers" | "taskTimeoutMs" | "maxAttempts" | "retentionMs"
  >,
): RouteConfig {
  return {
    paths: [],
    methods: [],
    hosts: [],
    lane: {
      name: "default",
      pool: "default",
      maxConcurrent: options.maxConcurrent,
      workers: options.numWorkers,
      maxQueueSize: options.maxQueueSize,
      rate: null,
      timeoutMs: options.taskTimeoutMs,
      startWithinMs: null,
      maxAttempts: options.maxAttempts,
      policy: DEFAULT_POLICY,
      idempotent: false,
      waitMs: 0,
      cache: null,
      priority: PRIORITY.default,
      retentionMs: options.retentionMs,
    },
  };
}

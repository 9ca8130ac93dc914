/**
 * The settled configuration: every option with its value, after flags, environment, file and defaults were merged and
 * checked. Stations import these types only; how the values come about is `config/load.ts`.
 */
export interface Config {
  /** Base URL of the service; its path, if any, is put before every forwarded path. Never ends with a slash. */
  readonly target: URL;
  readonly listenHost: string;
  readonly listenPort: number;
  /** Requests the target sees at once, from all nodes. */
  readonly maxConcurrent: number;
  /** Pending tasks a lane may hold. */
  readonly maxQueueSize: number;
  /** Attempts this node runs at once. */
  readonly numWorkers: number;
  readonly dataDir: string;
  readonly store: "sqlite" | "memory";
  readonly longTaskThresholdMs: number;
  /** Limit for one attempt. */
  readonly taskTimeoutMs: number;
  /** How long connecting to the target may take. */
  readonly connectTimeoutMs: number;
  readonly maxAttempts: number;
  /** How long final tasks are kept. */
  readonly retentionMs: number;
  readonly maxBodyBytes: number;
  readonly maxResponseBytes: number;
  /** Below this much free disk space no new task is accepted. */
  readonly minFreeDiskBytes: number;
  readonly drainTimeoutMs: number;
  readonly logLevel: LogLevel;
  readonly logFormat: "pretty" | "json";
  /** How often statistics are logged; 0 for never. */
  readonly statsIntervalMs: number;
  readonly locale: "en" | "zh";
  /** Put before every control path, such as `/_headgate`; empty for none. */
  readonly controlPrefix: string;
  /** Send the client's own `Host` on instead of the target's. */
  readonly preserveHost: boolean;
  /** Addresses and CIDR ranges whose `Forwarded` and `X-Forwarded-*` are believed. */
  readonly trustedProxies: readonly string[];
}

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

/** The queue of one route with its policy. */
export interface LaneConfig {
  readonly name: string;
  readonly maxConcurrent: number;
  readonly maxQueueSize: number;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
}

import type { AccessKey } from "../task/access-key.ts";
import type { AnswerPolicy } from "../task/decide.ts";
import type { Rate } from "../task/lane.ts";
import type { FinalState } from "../task/task.ts";

/**
 * The settled configuration: every option with its value, after flags, environment, file and defaults were merged and
 * checked. Stations import these types only; how the values come about is `config/load.ts`.
 */
export interface Config {
  /** Where requests go: `pool` of a lane names one of these. */
  readonly pools: readonly PoolConfig[];
  /** Which lane a request belongs to; of those that match it, the most specific. */
  readonly routes: readonly RouteConfig[];
  /** Shares of clients that have other than one, by name. */
  readonly weights: ReadonlyMap<string, number>;
  readonly listenHost: string;
  readonly listenPort: number;
  /** Requests of a lane that its targets see at once, from all nodes, where its route says nothing else. */
  readonly maxConcurrent: number;
  /** Pending tasks a lane may hold, where its route says nothing else. */
  readonly maxQueueSize: number;
  /** Attempts of a lane that this node runs at once, where its route has no `max_concurrent` of its own. */
  readonly numWorkers: number;
  readonly dataDir: string;
  /** Where the key of sealed values is; null for a file in the data folder. */
  readonly keyFile: string | null;
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
  /** Clients that may wait for a task at once. */
  readonly maxWaiting: number;
  /** Event streams that may be open at once. */
  readonly maxStreams: number;
  readonly locale: "en" | "zh";
  /** Put before every control path, such as `/_headgate`; empty for none. */
  readonly controlPrefix: string;
  /** Where targets reach this node; null for where it listens. */
  readonly publicUrl: URL | null;
  /** Send the client's own `Host` on instead of the target's. */
  readonly preserveHost: boolean;
  /** Addresses and CIDR ranges whose `Forwarded` and `X-Forwarded-*` are believed. */
  readonly trustedProxies: readonly string[];
  /** How long an `Idempotency-Key` is remembered. */
  readonly idempotencyTtlMs: number;
  readonly webhooks: WebhookConfig;
  readonly alerts: readonly AlertRule[];
  /** Who may call; nobody is asked for a key while there is none, here or in the store. */
  readonly keys: readonly AccessKey[];
  /** Header fields besides Authorization, Cookie and the like whose values are sealed at rest; lower case. */
  readonly secretHeaders: readonly string[];
}

export interface WebhookConfig {
  /** Receivers by name. */
  readonly endpoints: readonly EndpointConfig[];
  /** Signs what goes to URLs of `Headgate-Callback` (`whsec_…`); null refuses that header. */
  readonly secret: string | null;
  /** Addresses and CIDR ranges that may be called though they are not public. */
  readonly allow: readonly string[];
  /** One try, from connecting to the end of the answer. */
  readonly timeoutMs: number;
  /** How long it is tried. */
  readonly giveUpAfterMs: number;
  /** How long deliveries that ended are kept. */
  readonly retentionMs: number;
}

export interface EndpointConfig {
  readonly name: string;
  readonly url: URL;
  readonly secret: string | null;
  /** Tasks it is told of; none for one that only gets alerts. */
  readonly on: readonly FinalState[];
  /** Lanes whose tasks it is told of; empty for all. */
  readonly routes: readonly string[];
  readonly format: MessageFormat;
}

/** `standard` is Standard Webhooks; the others are what these chats take. */
export type MessageFormat = "standard" | "slack" | "dingtalk" | "feishu" | "wecom";

export interface AlertRule {
  readonly name: string;
  readonly when: AlertCondition;
  /** Lanes it watches; empty for all. */
  readonly routes: readonly string[];
  /** Endpoints by name. */
  readonly notify: readonly string[];
  /** After one message about the same thing, no other for this time. */
  readonly repeatMs: number;
}

export type AlertCondition =
  | { readonly kind: "task_failed" }
  | {
      readonly kind: "failure_rate";
      /** 0 to 1, exclusive. */
      readonly above: number;
      readonly windowMs: number;
      /** Tasks that must have ended in the window. */
      readonly atLeast: number;
    }
  | { readonly kind: "queue_older"; readonly thanMs: number }
  | { readonly kind: "queue_fuller"; /** Share of its capacity, 0 to 1. */ readonly than: number }
  | { readonly kind: "target_down" };

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

/** Requests that are treated alike. What is empty matches everything. */
export interface RouteConfig {
  /** Patterns of raw paths: `/v1/images`, `/v1/*` for one segment, `/v1/**` for any number of them, none included. */
  readonly paths: readonly string[];
  readonly methods: readonly string[];
  /** Names without a port, lower case; `*.example.com` for any name below. */
  readonly hosts: readonly string[];
  readonly lane: LaneConfig;
}

/** The queue of one route with its policy. */
export interface LaneConfig {
  readonly name: string;
  /** The pool its tasks are sent to. */
  readonly pool: string;
  /** Attempts at once, over all nodes; `auto` follows what the targets can bear. */
  readonly maxConcurrent: number | "auto";
  /** Attempts at once on this node. */
  readonly workers: number;
  readonly maxQueueSize: number;
  /** Attempts in a time, on this node; null for no limit. */
  readonly rate: Rate | null;
  /** Limit for one attempt. */
  readonly timeoutMs: number;
  /** Tasks that are not started within this time are given up; null for never. */
  readonly startWithinMs: number | null;
  readonly maxAttempts: number;
  readonly policy: AnswerPolicy;
  /** Repeating a request is harmless whatever its method. */
  readonly idempotent: boolean;
  /** How long a client's connection is held for the answer itself; 0 for not at all. */
  readonly waitMs: number;
  /** What becomes of a running request whose task is cancelled: it is broken off, or goes on and keeps its slot. */
  readonly onCancel: "disconnect" | "finish";
  /** Where the client's own key is; one that is in `Authorization` is not sent on. */
  readonly keyIn: "headgate-key" | "authorization";
  readonly cache: CacheConfig | null;
  /** Of requests that name none. */
  readonly priority: number;
  /** How long its final tasks are kept. */
  readonly retentionMs: number;
}

export interface CacheConfig {
  /** How long an answer that says nothing about it is fresh; null to go by its header fields alone. */
  readonly defaultTtlMs: number | null;
  /** Identical requests that are under way share one. */
  readonly coalesce: boolean;
}

/** Targets that are interchangeable. */
export interface PoolConfig {
  readonly name: string;
  readonly targets: readonly TargetConfig[];
  readonly balance: Balance;
  /** Active checks; null for none. */
  readonly health: HealthConfig | null;
  readonly circuit: CircuitConfig;
  /** Retries, as a share of first attempts. */
  readonly retryBudget: number;
}

export interface TargetConfig {
  /** Base URL; its path, if any, is put before every forwarded path. Never ends with a slash. */
  readonly url: URL;
  readonly weight: number;
  /** Requests it sees at once, from all lanes; null for no limit but the lanes'. */
  readonly maxConcurrent: number | null;
}

export type Balance =
  | { readonly by: "round_robin" | "least_busy" | "random_two" }
  /** The same key goes to the same target as long as that is available. Header names are lower case. */
  | { readonly by: "hash"; readonly key: "path" | { readonly header: string } };

export interface HealthConfig {
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Checks in a row that must fail, or succeed, to change what is thought of a target. */
  readonly unhealthyAfter: number;
  readonly healthyAfter: number;
}

export interface CircuitConfig {
  /** Failures in a row that open it; 0 for never. */
  readonly failures: number;
  /** How long it stays open at first, and at most after it has opened again and again. */
  readonly openMs: number;
  readonly maxOpenMs: number;
}

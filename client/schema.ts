// Generated from the OpenAPI document by client/generate; do not edit.
// sha256 of the document: e5f358fc774a50340ebf33c58765079d69d06d9551e8123b5236151e2e6b1634

export interface paths {
    readonly "/": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What this is */
        readonly get: operations["getService"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/batches/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** How far a batch has come */
        readonly get: operations["getBatch"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The events of all tasks, lanes and targets as they come
         * @description Server-sent events: `state`, `progress` and `final` of tasks, `removed` and `pruned`; `lane`, `target`, `webhook`, `alert`; `stats` every two seconds. `Last-Event-ID` goes on after an event. Where that is not possible any more, `reset` comes first: what is known of the past is to be asked for anew. A key that may not survey is told of its own client's tasks.
         */
        readonly get: operations["watchAll"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/healthz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether the process lives */
        readonly get: operations["getHealth"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/keys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The keys, without their texts */
        readonly get: operations["listKeys"];
        readonly put?: never;
        /**
         * Make a key
         * @description The first must have the role admin, and is made on the machine itself: from then on a key is wanted.
         */
        readonly post: operations["createKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/keys/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Remove a key; it is of no use from then on */
        readonly delete: operations["removeKey"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/keys/me": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Who calls: the key of this call, and what it may */
        readonly get: operations["showMyKey"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/lanes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The queue of each route */
        readonly get: operations["listLanes"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/lanes/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The queue of a route */
        readonly get: operations["getLane"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        /**
         * Change the limits of a lane while it runs
         * @description They stay so over restarts, until they are set to null.
         */
        readonly patch: operations["changeLane"];
        readonly trace?: never;
    };
    readonly "/lanes/{name}/pause": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Send no more of a lane's tasks; those that run go on, and new ones are accepted
         * @description It stays so over restarts. Doing it twice is doing it once.
         */
        readonly post: operations["pauseLane"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/lanes/{name}/resume": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Send a lane's tasks again
         * @description It stays so over restarts. Doing it twice is doing it once.
         */
        readonly post: operations["resumeLane"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/metrics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Counts and times for Prometheus */
        readonly get: operations["getMetrics"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** This document */
        readonly get: operations["getDocument"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether requests are accepted */
        readonly get: operations["getReadiness"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/stats": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Counts, rates and times */
        readonly get: operations["getStats"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/targets": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Where requests go */
        readonly get: operations["listTargets"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/task/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * A task
         * @description With `If-None-Match` it answers 304 while the task is where it was.
         */
        readonly get: operations["getTask"];
        readonly put?: never;
        readonly post?: never;
        /** Delete a task that has ended, with its request and its answer */
        readonly delete: operations["deleteTask"];
        readonly options?: never;
        readonly head?: never;
        /** Change the priority or the due time of a task that waits */
        readonly patch: operations["amendTask"];
        readonly trace?: never;
    };
    readonly "/task/{id}/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Cancel a task, also while it runs */
        readonly post: operations["cancelTask"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/task/{id}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * A task's events as they come
         * @description Server-sent events: `state` with every change, `position` while it waits, `progress` when its target tells of it, and `final`, after which the stream ends. The first tells how the task stands. `Last-Event-ID` goes on after an event, also over a restart; `0-0` tells everything from the beginning.
         */
        readonly get: operations["watchTask"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/task/{id}/progress": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        /**
         * Say how far the work on a task is
         * @description For the target: both `Headgate-Progress-Url` and `Headgate-Progress-Token` came with the request it works on. Ten reports a second are kept; of more, the last.
         */
        readonly put: operations["reportProgress"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/task/{id}/request": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The request of a task */
        readonly get: operations["getRequest"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/task/{id}/request/body": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The body of a task's request, byte for byte */
        readonly get: operations["getRequestBody"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/task/{id}/result": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The target's answer
         * @description Status, headers and body as the target sent them, without the fields that would act on Headgate's own origin. A single `Range` of an answer with status 200 works.
         */
        readonly get: operations["getResult"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/task/{id}/retry": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Make a new task from the request of one that has ended */
        readonly post: operations["retryTask"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/tasks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Tasks, newest first */
        readonly get: operations["listTasks"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/tasks/batch": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Submit many requests at once, all or none
         * @description Up to 1000 requests and 8388608 bytes. With an Idempotency-Key a batch that comes again is answered with the one before.
         */
        readonly post: operations["submitBatch"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/tasks/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Cancel all tasks that a filter chooses
         * @description Those that wait and those that run, unless `status` says otherwise.
         */
        readonly post: operations["cancelTasks"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/tasks/cleanup": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Delete tasks that ended so long ago
         * @description Only those that completed, failed or were cancelled; none that waits or runs.
         */
        readonly delete: operations["cleanUpTasks"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/tasks/retry": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Make new tasks from the requests of all that a filter chooses
         * @description Those that failed, unless `status` says otherwise. Of a route that has no more room (`queue_full` among those skipped) further tasks wait for a call with `cursor`; those of other routes go on.
         */
        readonly post: operations["retryTasks"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/webhooks/deliveries": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Deliveries to webhook receivers, newest first */
        readonly get: operations["listDeliveries"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/webhooks/deliveries/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** A delivery with its tries */
        readonly get: operations["getDelivery"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/webhooks/deliveries/{id}/redeliver": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Send a delivery again, under its id */
        readonly post: operations["redeliver"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/webhooks/endpoints": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Receivers of the configuration, and URLs that are gone */
        readonly get: operations["listEndpoints"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/webhooks/endpoints/{name}/enable": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Send to a receiver again that said 410 */
        readonly post: operations["enableEndpoint"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/webhooks/endpoints/{name}/test": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Send a receiver an example */
        readonly post: operations["testEndpoint"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        readonly Batch: {
            readonly batch_id: string;
            readonly client: string;
            /** @description When the last task ended; null while one has not. */
            readonly completed_at: string | null;
            /** Format: date-time */
            readonly created_at: string;
            /** @description Of its tasks, those that have ended. */
            readonly percent: number;
            /** @description Tasks that were submitted in it. */
            readonly size: number;
            /** @constant */
            readonly success: true;
            /** @description How many there are in each state; those deleted had ended. */
            readonly tasks: {
                readonly cancelled: number;
                readonly completed: number;
                readonly deleted: number;
                readonly failed: number;
                readonly pending: number;
                readonly processing: number;
            };
            readonly tasks_url: string;
        };
        readonly BulkCancel: {
            readonly cancelled: number;
            /** @description Tasks that were chosen, in this call. */
            readonly matched: number;
            /** @description Whether there are more, for another call. */
            readonly more: boolean;
            /** @description How many it could not be done with, by the code of the reason. */
            readonly skipped: {
                readonly [key: string]: number;
            };
            /** @constant */
            readonly success: true;
        };
        readonly BulkRetry: {
            /** @description Tasks that were chosen, in this call. */
            readonly matched: number;
            /** @description Whether there are more, for another call. */
            readonly more: boolean;
            /** @description For `cursor`: goes on where this call ended, also with those that found no room. */
            readonly next_cursor: string | null;
            readonly retried: number;
            /** @description How many it could not be done with, by the code of the reason. */
            readonly skipped: {
                readonly [key: string]: number;
            };
            /** @constant */
            readonly success: true;
        };
        readonly Cancelled: {
            readonly message: string;
            /** @constant */
            readonly status: "cancelled";
            /** @constant */
            readonly success: true;
            readonly task_id: string;
        };
        readonly Cleanup: {
            readonly deleted: number;
            readonly message: string;
            /** @constant */
            readonly success: true;
        };
        readonly Deleted: {
            readonly message: string;
            /** @constant */
            readonly success: true;
            readonly task_id: string;
        };
        readonly Deliveries: {
            readonly count: number;
            readonly deliveries: readonly components["schemas"]["Delivery"][];
            readonly next_cursor: string | null;
            /** @constant */
            readonly success: true;
        };
        readonly Delivery: {
            /** Format: date-time */
            readonly created_at: string;
            readonly ended_at: string | null;
            /** @description A receiver of the configuration; null for a URL of a client. */
            readonly endpoint: string | null;
            /** @description `webhook-id` of every try. */
            readonly id: string;
            readonly log: readonly {
                /** Format: date-time */
                readonly at: string;
                readonly duration_seconds: number;
                readonly error: string | null;
                readonly status: number | null;
            }[];
            /** @description The next try. */
            readonly next_at: string | null;
            /** @enum {string} */
            readonly state: "pending" | "delivered" | "failed";
            readonly task_id: string | null;
            /** @description Since it was last begun. */
            readonly tries: number;
            readonly type: string;
            /** @description Without what may be a secret. */
            readonly url: string;
        };
        readonly Endpoints: {
            readonly endpoints: readonly {
                readonly format: string;
                /** @description When it said 410; nothing is sent there since. */
                readonly gone_since: string | null;
                readonly name: string;
                /** @description Ends of tasks it is told of. */
                readonly on: readonly string[];
                /** @description Empty for all. */
                readonly routes: readonly string[];
                /** @description Without what may be a secret. */
                readonly url: string;
            }[];
            /** @description URLs of clients. */
            readonly gone: readonly {
                /** Format: date-time */
                readonly gone_since: string;
                readonly url: string;
            }[];
            /** @constant */
            readonly success: true;
        };
        readonly Health: {
            /** @constant */
            readonly status: "ok";
            /** @constant */
            readonly success: true;
        };
        /**
         * @example {
         *       "reason": "circuit_open",
         *       "until": "2026-02-04T03:04:35.678Z"
         *     }
         */
        readonly Hold: {
            /**
             * @description not_before: asked for later. retry_backoff: waits before it is tried again. paused: somebody paused its route. lane_limit: its route runs as many as it may. rate: its route sends no faster. target_limit: every target has as many requests as it may. retry_after: every target asked to be left alone for a while. circuit_open: every target failed again and again, and is given time. no_healthy_target: every target fails its health checks. no_route: its route is configured no longer.
             * @enum {string}
             */
            readonly reason: "not_before" | "retry_backoff" | "paused" | "lane_limit" | "rate" | "target_limit" | "retry_after" | "circuit_open" | "no_healthy_target" | "no_route";
            /** @description When it ends, where that is known. */
            readonly until: string | null;
        };
        readonly Key: {
            /** @description Whose tasks it submits. */
            readonly client: string;
            readonly created_at: string | null;
            /** @enum {string} */
            readonly in: "configuration" | "store";
            readonly max_open: number | null;
            readonly name: string;
            readonly rate: string | null;
            /** @enum {string} */
            readonly role: "submit" | "read" | "operate" | "admin";
        };
        readonly Lane: {
            /** @description Whether the limit follows what the targets can bear. */
            readonly adaptive: boolean;
            /** @description Empty for all. */
            readonly hosts: readonly string[];
            /** @description Slots taken at the targets, from all nodes. */
            readonly in_flight: number;
            /** @description Slots there are now: the smaller of `max_concurrent` and `num_workers`, or what `auto` has found. Null when the lane is not configured any more. */
            readonly limit: number | null;
            /** @description Attempts on this node that run for longer than the threshold. */
            readonly long_tasks: number;
            /** @description Patterns of paths; empty for all. */
            readonly match: readonly string[];
            readonly max_attempts: number | null;
            /** @description Empty for all. */
            readonly methods: readonly string[];
            readonly name: string;
            /** @description What was changed while running, and stays so over restarts; null where the configuration stands. */
            readonly overrides: {
                readonly max_concurrent: (number | "auto") | null;
                readonly queue: number | null;
                /** @description "none" for no limit. */
                readonly rate: string | null;
            };
            readonly paused: boolean;
            /** @description Of requests that name none. */
            readonly priority: number | null;
            readonly queue: {
                readonly capacity: number | null;
                readonly size: number;
            };
            /** @description From acceptance to the first attempt, on this node, lately. */
            readonly queue_wait_seconds: {
                readonly p50: number;
                readonly p95: number;
                readonly p99: number;
            } | null;
            /** @description Attempts in a time, on this node, such as `50/s`; null for no limit. */
            readonly rate: string | null;
            /** @description Null for as long as it takes. */
            readonly start_within_seconds: number | null;
            /** @description Where its tasks go: the `pool` of targets. Null when the lane is not configured any more. */
            readonly target: string | null;
            /** @description How long attempts took, on this node, lately. */
            readonly target_seconds: {
                readonly p50: number;
                readonly p95: number;
                readonly p99: number;
            } | null;
            /** @description Tasks stored now, by state. */
            readonly tasks: {
                readonly cancelled: number;
                readonly completed: number;
                readonly failed: number;
                readonly pending: number;
                readonly processing: number;
            };
            readonly timeout_seconds: number | null;
            /** @description Since the store began. */
            readonly totals: {
                readonly accepted: number;
                readonly cancelled: number;
                readonly completed: number;
                readonly failed: number;
            };
            /** @description What keeps its next task from being sent; null when nothing does. */
            readonly waiting_for: components["schemas"]["Hold"] | null;
        };
        readonly Lanes: {
            readonly lanes: readonly components["schemas"]["Lane"][];
            /** @constant */
            readonly success: true;
        };
        readonly Me: {
            readonly client: string | null;
            /** @description Null where no key is wanted. */
            readonly name: string | null;
            /** @enum {string} */
            readonly role: "submit" | "read" | "operate" | "admin";
        };
        readonly OneDelivery: {
            readonly delivery: components["schemas"]["Delivery"];
            /** @constant */
            readonly success: true;
        };
        readonly OneLane: {
            readonly lane: components["schemas"]["Lane"];
            /** @constant */
            readonly success: true;
        };
        /** @description Data of `position`. */
        readonly PositionNews: {
            readonly eta_seconds: number | null;
            /** @description Place in line, 1 being next; null when not in line. */
            readonly position: number | null;
            readonly task_id: string;
            readonly waiting_for: components["schemas"]["Hold"] | null;
        };
        readonly Problem: {
            /** @description Stable; the rest is for people. */
            readonly code: string;
            readonly detail: string;
            /** @description The parameter, member or header that is wrong. */
            readonly field?: string;
            /** @description Which request of a batch is wrong, counted from 0. */
            readonly index?: number;
            readonly message: string;
            readonly status: number;
            /** @constant */
            readonly success: false;
            /** @description The task's state, when that is what stands in the way. */
            readonly task_status?: string;
            readonly title: string;
            /** @description `urn:headgate:problem:` and the code. */
            readonly type: string;
        };
        /** @description Data of `progress`. */
        readonly ProgressNews: {
            /** Format: date-time */
            readonly at: string;
            readonly client: string;
            /** @description In the stream of one task. */
            readonly eta_seconds?: number | null;
            readonly message: string | null;
            readonly percent: number | null;
            readonly route: string;
            readonly task_id: string;
        };
        readonly Readiness: {
            /** @constant */
            readonly status: "ready";
            /** @constant */
            readonly success: true;
        };
        readonly Receipt: {
            readonly data: {
                readonly cancel_url: string;
                readonly eta_seconds: number | null;
                readonly events_url: string;
                readonly position: number | null;
                readonly result_url: string;
                readonly status_url: string;
                readonly task_id: string;
            };
            readonly message: string;
            readonly retry_of: string;
            /** @constant */
            readonly status: "pending";
            /** @constant */
            readonly success: true;
            readonly task_id: string;
        };
        readonly Service: {
            readonly links: {
                readonly [key: string]: string;
            };
            readonly message: string;
            /** @constant */
            readonly service: "headgate";
            /** @constant */
            readonly success: true;
            readonly version: string;
        };
        /** @description Data of `state`; in the stream of all tasks also of `final`. */
        readonly StateNews: {
            /**
             * Format: date-time
             * @description When it happened.
             */
            readonly at: string;
            /** @description The one that began or ended; null before the first. */
            readonly attempt: number | null;
            readonly client: string;
            /** @description When it may be sent, where that is later. */
            readonly due_at: string | null;
            /** @description What the attempt failed with. */
            readonly error: {
                readonly code: string;
                readonly message: string;
            } | null;
            readonly method?: string;
            readonly path?: string;
            readonly priority?: number;
            /** @enum {string} */
            readonly reason: "queued" | "delayed" | "retry_backoff" | "interrupted" | "running" | "completed" | "target_error" | "connect_failed" | "unsendable" | "timeout" | "response_too_large" | "outcome_unknown" | "node_lost" | "expired_in_queue" | "cancelled";
            readonly route: string;
            /** @enum {string} */
            readonly status: "pending" | "processing" | "completed" | "failed" | "cancelled";
            readonly task_id: string;
        };
        readonly Stats: {
            /** @description Slots taken at the targets, from all nodes. */
            readonly in_flight: number;
            readonly lanes: readonly components["schemas"]["Lane"][];
            readonly limit: number;
            readonly long_tasks: {
                readonly running: number;
                readonly threshold_seconds: number;
            };
            /** @description Attempts this node runs at once. */
            readonly num_workers: number;
            readonly queue: {
                readonly capacity: number;
                readonly size: number;
            };
            /** @description From acceptance to the first attempt, on this node, lately. */
            readonly queue_wait_seconds: {
                readonly p50: number;
                readonly p95: number;
                readonly p99: number;
            } | null;
            /** @description Requests turned away since this node started, by error code. */
            readonly refused: {
                readonly [key: string]: number;
            };
            /** Format: date-time */
            readonly started_at: string;
            /** @constant */
            readonly success: true;
            /** @description Completed among completed and failed, lately. */
            readonly success_rate: number | null;
            /** @description How long attempts took, on this node, lately. */
            readonly target_seconds: {
                readonly p50: number;
                readonly p95: number;
                readonly p99: number;
            } | null;
            readonly targets: readonly components["schemas"]["Target"][];
            /** @description Tasks stored now, by state. */
            readonly tasks: {
                readonly cancelled: number;
                readonly completed: number;
                readonly failed: number;
                readonly pending: number;
                readonly processing: number;
            };
            /** @description Of this node. */
            readonly throughput: {
                readonly accepted_per_second: number;
                readonly ended_per_second: number;
                readonly started_per_second: number;
                readonly window_seconds: number;
            };
            /** @description Since the store began. */
            readonly totals: {
                readonly accepted: number;
                readonly cancelled: number;
                readonly completed: number;
                readonly failed: number;
            };
            readonly uptime_seconds: number;
        };
        /** @description Data of `stats`, every two seconds: of `GET /stats` what moves. */
        readonly StatsPulse: {
            /** Format: date-time */
            readonly at: string;
            readonly in_flight: number;
            readonly lanes: readonly {
                readonly in_flight: number;
                readonly limit: number | null;
                readonly name: string;
                readonly paused: boolean;
                readonly queue: {
                    readonly capacity: number | null;
                    readonly size: number;
                };
                /** @description Tasks stored now, by state. */
                readonly tasks: {
                    readonly cancelled: number;
                    readonly completed: number;
                    readonly failed: number;
                    readonly pending: number;
                    readonly processing: number;
                };
                readonly waiting_for: components["schemas"]["Hold"] | null;
            }[];
            readonly limit: number;
            readonly long_tasks: number;
            readonly queue: {
                readonly capacity: number;
                readonly size: number;
            };
            /** @description From acceptance to the first attempt, on this node, lately. */
            readonly queue_wait_seconds: {
                readonly p50: number;
                readonly p95: number;
                readonly p99: number;
            } | null;
            readonly success_rate: number | null;
            /** @description How long attempts took, on this node, lately. */
            readonly target_seconds: {
                readonly p50: number;
                readonly p95: number;
                readonly p99: number;
            } | null;
            /** @description Tasks stored now, by state. */
            readonly tasks: {
                readonly cancelled: number;
                readonly completed: number;
                readonly failed: number;
                readonly pending: number;
                readonly processing: number;
            };
            readonly throughput: {
                readonly accepted_per_second: number;
                readonly ended_per_second: number;
                readonly started_per_second: number;
                readonly window_seconds: number;
            };
        };
        readonly StoredRequest: {
            /** @description Like `result` of a task; null when it is too large to be shown here. */
            readonly body: unknown;
            /** @constant */
            readonly body_encoding?: "base64";
            /** @description As they came; values that are encrypted on the disk are not shown. */
            readonly headers: readonly (readonly [
                string,
                string
            ])[];
            readonly method: string;
            readonly path: string;
            readonly size_bytes: number;
            /** @constant */
            readonly success: true;
        };
        readonly SubmittedBatch: {
            readonly batch_id: string;
            readonly count: number;
            readonly data: {
                readonly batch_id: string;
                readonly status_url: string;
                readonly tasks_url: string;
            };
            readonly message: string;
            /** @constant */
            readonly success: true;
            /** @description In the order of the requests. */
            readonly task_ids: readonly string[];
        };
        readonly Target: {
            readonly circuit: {
                /** @description In a row. */
                readonly failures: number;
                /** @description What it failed with last. */
                readonly last_failure: string | null;
                /**
                 * @description closed lets requests through, open none, half_open one at a time until it succeeds.
                 * @enum {string}
                 */
                readonly state: "closed" | "open" | "half_open";
                /** @description When an open circuit lets a request through to try. */
                readonly until: string | null;
            };
            /** @description By its health checks; null when there are none. */
            readonly healthy: boolean | null;
            /** @description Requests it has now, from this node. */
            readonly in_flight: number;
            /** @description Requests it may have at once; null for no limit but those of the routes. */
            readonly limit: number | null;
            /** @description The targets it shares its routes with, by their name in the configuration. */
            readonly pool: string;
            /** @description How long attempts took, on this node, lately. */
            readonly target_seconds: {
                readonly p50: number;
                readonly p95: number;
                readonly p99: number;
            } | null;
            readonly url: string;
            readonly weight: number;
        };
        readonly Targets: {
            /** @constant */
            readonly success: true;
            readonly targets: readonly components["schemas"]["Target"][];
        };
        readonly Task: {
            readonly attempts: readonly {
                readonly ended_at: string | null;
                readonly error: {
                    /** @description Stable: an RFC 9209 proxy error type where one fits. */
                    readonly code: string;
                    readonly message: string;
                } | null;
                readonly number: number;
                /** @description Null while it runs. */
                readonly outcome: ("answered" | "never_sent" | "unknown" | "interrupted" | "cancelled") | null;
                /** Format: date-time */
                readonly started_at: string;
                /** @description The target's status code, when it answered. */
                readonly status: number | null;
                readonly target: string | null;
            }[];
            /** @description The batch it was submitted in. */
            readonly batch_id: string | null;
            /** @description Whose share of the lane it has: `Headgate-Client`, else the address it came from. */
            readonly client: string;
            readonly completed_at: string | null;
            /** Format: date-time */
            readonly created_at: string;
            /** @description How long the latest attempt took, or has taken so far. */
            readonly duration_seconds: number | null;
            readonly error: {
                /** @description Stable: an RFC 9209 proxy error type where one fits. */
                readonly code: string;
                readonly message: string;
            } | null;
            /** @description Until it is done, by the measured pace of its route. */
            readonly eta_seconds: number | null;
            /** @description Whether an attempt has run for the long-task threshold. */
            readonly is_long_task: boolean;
            readonly labels: {
                readonly [key: string]: string;
            };
            readonly method: string;
            /** @description Path and query, as they were sent. */
            readonly path: string;
            /** @description Place in line, 1 being next; null when not in line, and in lists of tasks. */
            readonly position: number | null;
            readonly priority: number;
            /** @description What the target said last, in the latest attempt. */
            readonly progress: {
                /** Format: date-time */
                readonly at: string;
                readonly message: string | null;
                readonly percent: number | null;
            } | null;
            /** @description From acceptance to the first attempt, or until now. */
            readonly queue_seconds: number;
            /**
             * @description Why the task is where it is.
             * @enum {string}
             */
            readonly reason: "queued" | "delayed" | "retry_backoff" | "interrupted" | "running" | "completed" | "target_error" | "connect_failed" | "unsendable" | "timeout" | "response_too_large" | "outcome_unknown" | "node_lost" | "expired_in_queue" | "cancelled";
            readonly response: {
                /** @description By lower-case name; a list when the field came more than once. Left out in lists of tasks. */
                readonly headers?: {
                    readonly [key: string]: string | readonly string[];
                };
                readonly size_bytes: number;
                readonly status: number;
            } | null;
            /** @description The target's answer once final: a JSON value, a string for text, else base64. Null in lists of tasks and when the answer is too large to be shown here: `result_url` has it. */
            readonly result: unknown;
            /** @constant */
            readonly result_encoding?: "base64";
            readonly result_url: string;
            readonly retry_of: string | null;
            readonly route: string;
            /** @description Start of the latest attempt. */
            readonly started_at: string | null;
            /** @enum {string} */
            readonly status: "pending" | "processing" | "completed" | "failed" | "cancelled";
            /** @description False when the task failed or was cancelled. */
            readonly success: boolean;
            readonly task_id: string;
            /** @description What keeps it from being sent; null when it does not wait, or only for those before it. */
            readonly waiting_for: components["schemas"]["Hold"] | null;
        };
        readonly TaskList: {
            /** @description Tasks on this page. */
            readonly count: number;
            /** @description For `cursor`; null on the last page. A filter that matches little gives short pages before it, and so do long paths. */
            readonly next_cursor: string | null;
            /** @constant */
            readonly success: true;
            /** @description Newest first; `result` and `response.headers` are left to the task itself. */
            readonly tasks: readonly components["schemas"]["Task"][];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly getService: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Service"];
                };
            };
            /** @description A browser is sent to the dashboard. */
            readonly 302: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly getBatch: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer when all is over, or after so many seconds. */
                readonly wait?: number;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Batch"];
                };
            };
            /** @description The id or a parameter is malformed. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such batch. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many clients wait; without `wait` it is answered. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly watchAll: {
        readonly parameters: {
            readonly query?: {
                /** @description As the header `Last-Event-ID`, for clients that cannot set it. */
                readonly last_event_id?: string;
                /** @description Of tasks, only those of this route. */
                readonly route?: string;
                /** @description Of tasks, only those that come to this state; progress is news of `processing`. */
                readonly status?: "pending" | "processing" | "completed" | "failed" | "cancelled";
                /** @description What is told: task, lane, target, webhook, alert, stats, separated by commas. All that the key may see if not said. */
                readonly types?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Events; `data` is JSON. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": components["schemas"]["StateNews"] | components["schemas"]["ProgressNews"] | components["schemas"]["StatsPulse"] | {
                        readonly [key: string]: unknown;
                    };
                };
            };
            /** @description A parameter is malformed or not known. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many event streams are open. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getHealth: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    readonly listKeys: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly keys: readonly components["schemas"]["Key"][];
                        /** @enum {boolean} */
                        readonly success: true;
                    };
                };
            };
        };
    };
    readonly createKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly client?: string;
                    readonly max_open?: number;
                    readonly name: string;
                    /** @description Requests in a time. */
                    readonly rate?: string;
                    /** @enum {string} */
                    readonly role: "submit" | "read" | "operate" | "admin";
                };
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Told once, here. */
                        readonly key: string;
                        readonly name: string;
                        /** @enum {boolean} */
                        readonly success: true;
                    };
                };
            };
            /** @description The body is malformed. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is a key of that name, or the first is not to be an admin's. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly removeKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly name: string;
                        /** @enum {boolean} */
                        readonly success: true;
                    };
                };
            };
            /** @description There is no such key. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is in the configuration. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly showMyKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly key: components["schemas"]["Me"];
                        /** @enum {boolean} */
                        readonly success: true;
                    };
                };
            };
        };
    };
    readonly listLanes: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lanes"];
                };
            };
        };
    };
    readonly getLane: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OneLane"];
                };
            };
            /** @description There is no such lane. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly changeLane: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        /** @description Null for as configured. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly max_concurrent?: (number | "auto") | null;
                    readonly queue?: number | null;
                    readonly rate?: string | null;
                };
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OneLane"];
                };
            };
            /** @description The JSON or a member of it is malformed or not known. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such lane. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not application/json. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The disk is full. */
            readonly 507: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly pauseLane: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OneLane"];
                };
            };
            /** @description There is no such lane. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The disk is full. */
            readonly 507: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly resumeLane: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OneLane"];
                };
            };
            /** @description There is no such lane. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The disk is full. */
            readonly 507: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getMetrics: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The text format of Prometheus, version 0.0.4. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/plain": string;
                };
            };
        };
    };
    readonly getDocument: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OpenAPI 3.1. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": unknown;
                };
            };
        };
    };
    readonly getReadiness: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Why not. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getStats: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Stats"];
                };
            };
        };
    };
    readonly listTargets: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Targets"];
                };
            };
        };
    };
    readonly getTask: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer when all is over, or after so many seconds. */
                readonly wait?: number;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Task"];
                };
            };
            /** @description Nothing has changed. */
            readonly 304: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The id or a parameter is malformed. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such task. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many clients wait; without `wait` it is answered. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly deleteTask: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Deleted"];
                };
            };
            /** @description The id is malformed. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such task. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The task has not ended, or its connection is not closed yet. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly amendTask: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly delay_seconds?: number;
                    /** @description Null for at once. */
                    readonly not_before?: string | null;
                    readonly priority?: number;
                };
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Task"];
                };
            };
            /** @description The id, the JSON or a member of it is malformed or not known. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such task. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The task does not wait any more. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not application/json. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly cancelTask: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cancelled"];
                };
            };
            /** @description The id is malformed. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such task. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The task has ended already. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly watchTask: {
        readonly parameters: {
            readonly query?: {
                /** @description As the header `Last-Event-ID`, for clients that cannot set it. */
                readonly last_event_id?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Events; `data` is JSON. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": components["schemas"]["StateNews"] | components["schemas"]["PositionNews"] | components["schemas"]["ProgressNews"] | components["schemas"]["Task"];
                };
            };
            /** @description The event of `Last-Event-ID` was the last: do not come again. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The id or a parameter is malformed. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such task. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many event streams are open. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly reportProgress: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description As it came with the request. */
                readonly "headgate-progress-token"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly message?: string | null;
                    readonly percent?: number | null;
                };
            };
        };
        readonly responses: {
            /** @description It will be kept in a moment, unless another comes. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is kept. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The id, the JSON or a member of it is malformed or not known. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token is none of this task's. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such task any more. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The attempt that the token is for is over. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not application/json. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The disk is full. */
            readonly 507: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getRequest: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["StoredRequest"];
                };
            };
            /** @description There is no such task. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getRequestBody: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description To be saved: as `application/octet-stream`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": unknown;
                };
            };
            /** @description There is no such task. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getResult: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The task has not ended; `Retry-After` says when to ask again. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Task"];
                };
            };
            /** @description The id is malformed, unless it is the target's own 400. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such task, unless it is the target's own 404. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The task was cancelled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No byte of the range exists. */
            readonly 416: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The task failed without an answer. */
            readonly 502: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The time of the task ran out, in line or at the target. */
            readonly 504: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The target's answer. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "*/*": unknown;
                };
            };
        };
    };
    readonly retryTask: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Receipt"];
                };
            };
            /** @description The id is malformed. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such task. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The task has not ended yet. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request of the task, or its route, is no longer there. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The queue is full, or Headgate is stopping. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The disk is full. */
            readonly 507: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listTasks: {
        readonly parameters: {
            readonly query?: {
                /** @description Submitted together, in this batch. */
                readonly batch?: string;
                readonly client?: string;
                readonly cursor?: string;
                /** @description `key=value` */
                readonly label?: string;
                readonly limit?: number;
                readonly method?: string;
                /** @description What the path begins with. */
                readonly path?: string;
                /** @description Part of the id, of the path, or of a label as `key=value`. */
                readonly q?: string;
                readonly route?: string;
                /** @description Accepted at or after. */
                readonly since?: string;
                readonly status?: "pending" | "processing" | "completed" | "failed" | "cancelled";
                /** @description Accepted before. */
                readonly until?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TaskList"];
                };
            };
            /** @description A parameter is malformed or not known. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly submitBatch: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly requests: readonly {
                        /** @description JSON, sent as such; null for none. The value stays as it is, its white space does not. */
                        readonly body?: unknown;
                        /**
                         * Format: byte
                         * @description The body as bytes.
                         */
                        readonly body_base64?: string;
                        /**
                         * @description `Headgate-…` fields say the same as on a request of its own.
                         * @default {}
                         */
                        readonly headers?: {
                            readonly [key: string]: string | readonly string[];
                        };
                        /** @default POST */
                        readonly method?: string;
                        /** @description Path and query, as they are sent on. */
                        readonly path: string;
                        /** @description The body as text, sent in UTF-8. */
                        readonly text?: string;
                    }[];
                };
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SubmittedBatch"];
                };
            };
            /** @description The JSON or one of the requests is malformed (`index` and `field` say which), or the key's quota never has room for so many. None is stored. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The batch came before, and its tasks were deleted. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The batch, or the body of a request, is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not application/json. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Idempotency-Key came with another batch before. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The quota of the key does not suffice now for all of them. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is not room for all of them, too many large batches are on their way (`too_many_clients`), or Headgate is stopping. None is stored. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The disk is full. */
            readonly 507: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly cancelTasks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description In place of a filter: all tasks there are.
                     * @enum {boolean}
                     */
                    readonly all?: true;
                    /**
                     * Format: uuid
                     * @description Submitted together, in this batch.
                     */
                    readonly batch?: string;
                    readonly client?: string;
                    /**
                     * @description Only count them.
                     * @default false
                     */
                    readonly dry_run?: boolean;
                    /** @description `key=value` */
                    readonly label?: string;
                    readonly method?: string;
                    /** @description What the path begins with. */
                    readonly path?: string;
                    /** @description Part of the id, of the path, or of a label as `key=value`. */
                    readonly q?: string;
                    readonly route?: string;
                    /**
                     * Format: date-time
                     * @description Accepted at or after.
                     */
                    readonly since?: string;
                    /** @enum {string} */
                    readonly status?: "pending" | "processing";
                    /**
                     * Format: date-time
                     * @description Accepted before.
                     */
                    readonly until?: string;
                };
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BulkCancel"];
                };
            };
            /** @description There is no filter, or a member is malformed or not known. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not application/json. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly cleanUpTasks: {
        readonly parameters: {
            readonly query?: {
                readonly max_age_hours?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Cleanup"];
                };
            };
            /** @description A parameter is malformed or not known. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly retryTasks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description In place of a filter: all tasks there are.
                     * @enum {boolean}
                     */
                    readonly all?: true;
                    /**
                     * Format: uuid
                     * @description Submitted together, in this batch.
                     */
                    readonly batch?: string;
                    readonly client?: string;
                    readonly cursor?: string;
                    /**
                     * @description Only count them.
                     * @default false
                     */
                    readonly dry_run?: boolean;
                    /** @description `key=value` */
                    readonly label?: string;
                    readonly method?: string;
                    /** @description What the path begins with. */
                    readonly path?: string;
                    /** @description Part of the id, of the path, or of a label as `key=value`. */
                    readonly q?: string;
                    readonly route?: string;
                    /**
                     * Format: date-time
                     * @description Accepted at or after.
                     */
                    readonly since?: string;
                    /** @enum {string} */
                    readonly status?: "failed" | "completed" | "cancelled";
                    /**
                     * Format: date-time
                     * @description Accepted before.
                     */
                    readonly until?: string;
                };
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BulkRetry"];
                };
            };
            /** @description There is no filter, or a member is malformed or not known. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not application/json. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listDeliveries: {
        readonly parameters: {
            readonly query?: {
                readonly cursor?: string;
                readonly endpoint?: string;
                readonly limit?: number;
                readonly state?: "pending" | "delivered" | "failed";
                readonly task?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Deliveries"];
                };
            };
            /** @description A parameter is malformed or not known. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getDelivery: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OneDelivery"];
                };
            };
            /** @description There is no such delivery. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly redeliver: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly message: string;
                        /** @enum {boolean} */
                        readonly success: true;
                    };
                };
            };
            /** @description There is no such delivery. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is on its way already. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listEndpoints: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Endpoints"];
                };
            };
        };
    };
    readonly enableEndpoint: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly message: string;
                        /** @enum {boolean} */
                        readonly success: true;
                    };
                };
            };
            /** @description There is no such receiver. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly testEndpoint: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly delivery: string;
                        readonly message: string;
                        /** @enum {boolean} */
                        readonly success: true;
                    };
                };
            };
            /** @description There is no such receiver. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}

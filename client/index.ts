// What the package exports; inside the repository each file is imported by its own name.
export { Batch, type BatchRequest, type BatchWaitOptions } from "./batch.ts";
export type { BulkFilter, BulkOutcome } from "./bulk.ts";
export { Headgate } from "./client.ts";
export type { Connection, ConnectionOptions } from "./connection.ts";
export { EnhancedProxyClient } from "./enhanced-proxy-client.ts";
export { AccessError, HeadgateError, NotFoundError, type Problem, QueueFullError } from "./errors.ts";
export type { FollowOptions } from "./follow.ts";
export { headgateFetch, type HeadgateFetchOptions } from "./headgate-fetch.ts";
export type { ServerSentEvent } from "./sse.ts";
export type { SubmitOptions } from "./submit.ts";
export { Task, type TaskEvent, TaskFailedError } from "./task.ts";
export type {
  BatchView,
  Key,
  Lane,
  NewKey,
  ProgressView,
  Receipt,
  Stats,
  StoredRequest,
  Target,
  TaskFilter,
  TaskList,
  TaskStatus,
  TaskView,
} from "./views.ts";
export { type WaitOptions, WaitTimeoutError } from "./wait.ts";
export type {
  Delivery,
  DeliveryFilter,
  DeliveryList,
  DeliveryState,
  DeliveryTry,
  Endpoint,
  EndpointList,
  Webhooks,
} from "./webhooks.ts";

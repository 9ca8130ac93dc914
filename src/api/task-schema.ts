import { z } from "zod";
import { type AttemptOutcome, PRIORITY, type Reason, type State, STATES } from "../task/task.ts";
import { HOLD, type HoldView } from "./hold-view.ts";

/** A task as clients see it; `TASK` says what each member means. */
export interface TaskView {
  readonly success: boolean;
  readonly task_id: string;
  readonly status: State;
  readonly reason: Reason;
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly queue_seconds: number;
  readonly duration_seconds: number | null;
  readonly is_long_task: boolean;
  readonly priority: number;
  readonly position: number | null;
  readonly eta_seconds: number | null;
  readonly waiting_for: HoldView | null;
  readonly progress: ProgressView | null;
  readonly attempts: readonly AttemptView[];
  readonly result: unknown;
  readonly result_encoding?: "base64" | undefined;
  readonly error: ErrorView | null;
  readonly result_url: string;
  readonly client: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly retry_of: string | null;
  readonly batch_id: string | null;
  readonly response: ResponseView | null;
}

export interface ProgressView {
  readonly percent: number | null;
  readonly message: string | null;
  readonly at: string;
}

export interface AttemptView {
  readonly number: number;
  readonly target: string | null;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly outcome: AttemptOutcome | null;
  readonly status: number | null;
  readonly error: ErrorView | null;
}

export interface ErrorView {
  readonly code: string;
  readonly message: string;
}

export interface ResponseView {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly size_bytes: number;
}

/** Every reason once: the compiler refuses a list that misses one. */
export const REASONS: readonly Reason[] = Object.keys({
  queued: true,
  delayed: true,
  retry_backoff: true,
  interrupted: true,
  running: true,
  completed: true,
  target_error: true,
  connect_failed: true,
  unsendable: true,
  timeout: true,
  response_too_large: true,
  outcome_unknown: true,
  node_lost: true,
  expired_in_queue: true,
  cancelled: true,
} satisfies Record<Reason, true>) as readonly Reason[];

const OUTCOMES = Object.keys({
  answered: true,
  never_sent: true,
  unknown: true,
  interrupted: true,
  cancelled: true,
} satisfies Record<AttemptOutcome, true>) as readonly AttemptOutcome[];

const INSTANT = z.string().meta({ format: "date-time" });
const SECONDS = z.number().nonnegative();

const ERROR = z.object({
  code: z.string().describe("Stable: an RFC 9209 proxy error type where one fits."),
  message: z.string(),
});

const PROGRESS = z.object({
  percent: z.number().min(0).max(100).nullable(),
  message: z.string().nullable(),
  at: INSTANT,
});

const ATTEMPT = z.object({
  number: z.int().positive(),
  target: z.string().nullable(),
  started_at: INSTANT,
  ended_at: INSTANT.nullable(),
  outcome: z.enum(OUTCOMES).nullable().describe("Null while it runs."),
  status: z.int().nullable().describe("The target's status code, when it answered."),
  error: ERROR.nullable(),
});

const RESPONSE = z.object({
  status: z.int(),
  headers: z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .optional()
    .describe("By lower-case name; a list when the field came more than once. Left out in lists of tasks."),
  size_bytes: z.int().nonnegative(),
});

export const TASK: z.ZodType<TaskView> = z
  .strictObject({
    success: z.boolean().describe("False when the task failed or was cancelled."),
    task_id: z.string(),
    status: z.enum(STATES),
    reason: z.enum(REASONS).describe("Why the task is where it is."),
    route: z.string(),
    method: z.string(),
    path: z.string().describe("Path and query, as they were sent."),
    created_at: INSTANT,
    started_at: INSTANT.nullable().describe("Start of the latest attempt."),
    completed_at: INSTANT.nullable(),
    queue_seconds: SECONDS.describe("From acceptance to the first attempt, or until now."),
    duration_seconds: SECONDS.nullable().describe("How long the latest attempt took, or has taken so far."),
    is_long_task: z.boolean().describe("Whether an attempt has run for the long-task threshold."),
    priority: z.int().min(PRIORITY.lowest).max(PRIORITY.highest),
    position: z
      .int()
      .positive()
      .nullable()
      .describe("Place in line, 1 being next; null when not in line, and in lists of tasks."),
    eta_seconds: SECONDS.nullable().describe("Until it is done, by the measured pace of its route."),
    waiting_for: HOLD.nullable().describe(
      "What keeps it from being sent; null when it does not wait, or only for those before it.",
    ),
    progress: PROGRESS.nullable().describe("What the target said last, in the latest attempt."),
    attempts: z.array(ATTEMPT),
    result: z
      .unknown()
      .describe(
        "The target's answer once final: a JSON value, a string for text, else base64. Null in lists of tasks and when " +
          "the answer is too large to be shown here: `result_url` has it.",
      ),
    result_encoding: z.literal("base64").optional(),
    error: ERROR.nullable(),
    result_url: z.string(),
    client: z
      .string()
      .describe("Whose share of the lane it has: `Headgate-Client`, else the address it came from."),
    labels: z.record(z.string(), z.string()),
    retry_of: z.string().nullable(),
    batch_id: z.string().nullable().describe("The batch it was submitted in."),
    response: RESPONSE.nullable(),
  })
  .meta({ id: "Task" });

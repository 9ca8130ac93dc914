import { z } from "zod";
import { type State, STATES } from "../task/task.ts";
import { HOLD, type HoldView } from "./hold-view.ts";
import { type ErrorView, REASONS, type TaskView } from "./task-schema.ts";

/** Where a task has got to: data of the events `state` and, in the stream of all tasks, `final`. */
export interface StateNews {
  readonly task_id: string;
  readonly status: State;
  readonly reason: TaskView["reason"];
  readonly route: string;
  readonly client: string;
  readonly attempt: number | null;
  readonly at: string;
  readonly due_at: string | null;
  readonly error: ErrorView | null;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly priority?: number | undefined;
}

/** Data of `position`. */
export interface PositionNews {
  readonly task_id: string;
  readonly position: number | null;
  readonly eta_seconds: number | null;
  readonly waiting_for: HoldView | null;
}

/** Data of `progress`. */
export interface ProgressNews {
  readonly task_id: string;
  readonly route: string;
  readonly client: string;
  readonly percent: number | null;
  readonly message: string | null;
  readonly at: string;
  readonly eta_seconds?: number | null | undefined;
}

const INSTANT = z.string().meta({ format: "date-time" });
const SECONDS = z.number().nonnegative();

export const STATE_NEWS: z.ZodType<StateNews> = z
  .object({
    task_id: z.string(),
    status: z.enum(STATES),
    reason: z.enum(REASONS),
    route: z.string(),
    client: z.string(),
    attempt: z.int().positive().nullable().describe("The one that began or ended; null before the first."),
    at: INSTANT.describe("When it happened."),
    due_at: INSTANT.nullable().describe("When it may be sent, where that is later."),
    error: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .describe("What the attempt failed with."),
    method: z.string().optional(),
    path: z.string().optional(),
    priority: z.int().optional(),
  })
  .describe("Data of `state`; in the stream of all tasks also of `final`.")
  .meta({ id: "StateNews" });

export const POSITION_NEWS: z.ZodType<PositionNews> = z
  .object({
    task_id: z.string(),
    position: z.int().positive().nullable().describe("Place in line, 1 being next; null when not in line."),
    eta_seconds: SECONDS.nullable(),
    waiting_for: HOLD.nullable(),
  })
  .describe("Data of `position`.")
  .meta({ id: "PositionNews" });

export const PROGRESS_NEWS: z.ZodType<ProgressNews> = z
  .object({
    task_id: z.string(),
    route: z.string(),
    client: z.string(),
    percent: z.number().min(0).max(100).nullable(),
    message: z.string().nullable(),
    at: INSTANT,
    eta_seconds: SECONDS.nullable().optional().describe("In the stream of one task."),
  })
  .describe("Data of `progress`.")
  .meta({ id: "ProgressNews" });

/** A route's answer that is a stream of events, for its `response` schema: what stands in `data` of each. */
export interface EventStreamResponse {
  readonly description: string;
  readonly content: { readonly "text/event-stream": { readonly schema: z.ZodType } };
}

export function eventStream(description: string, data: z.ZodType): EventStreamResponse {
  return { description, content: { "text/event-stream": { schema: data } } };
}

/** `Last-Event-ID` for those who cannot set a header, as which it wins. */
export const RESUME_QUERY: { readonly last_event_id: z.ZodOptional<z.ZodString> } = Object.freeze({
  last_event_id: z
    .string({ error: "must be given once" })
    .max(64, { error: "must be the id of an event" })
    .optional()
    .describe("As the header `Last-Event-ID`, for clients that cannot set it."),
});

import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import type { Store } from "../store/store.ts";
import type { Caller } from "../task/caller.ts";
import type { ActionSettings } from "./actions.ts";
import { BULK_CURSOR, writeCursor } from "./bulk-cursor.ts";
import type { ControlInstance } from "./instance.ts";
import { only } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import { FILTER, type Filter, toListFilter } from "./task-filter.ts";
import { type Act, walk, type Walk } from "./walk.ts";

export interface BulkSettings extends Pick<ActionSettings, "cancel" | "resubmit"> {
  readonly list: Store["list"];
  readonly clock: Clock;
}

/** Cancelling many at once shares commits; small enough that a client's own task never waits long behind them. */
const CANCELLED_AT_ONCE = 50;

const CANCELLABLE = ["pending", "processing"] as const;
const RETRYABLE = ["failed", "completed", "cancelled"] as const;

const HOW = {
  all: z.literal(true, "can only be true").optional().describe("In place of a filter: all tasks there are."),
  dry_run: z.boolean("must be true or false").prefault(false).describe("Only count them."),
};

const RESULT = {
  success: z.literal(true),
  matched: z.int().nonnegative().describe("Tasks that were chosen, in this call."),
  skipped: z
    .record(z.string(), z.int().positive())
    .describe("How many it could not be done with, by the code of the reason."),
  more: z.boolean().describe("Whether there are more, for another call."),
};

const REFUSALS = {
  400: problem("There is no filter, or a member is malformed or not known."),
  413: problem("The body is too large."),
  415: problem("The body is not application/json."),
};

/** `POST /tasks/cancel` and `POST /tasks/retry`; `app` reads JSON. */
export function addBulkRoutes(app: ControlInstance, settings: BulkSettings): void {
  addBulkCancelRoute(app, settings);
  addBulkRetryRoute(app, settings);
}

function addBulkCancelRoute(app: ControlInstance, settings: BulkSettings): void {
  const cancel: Act = async ({ id }) => ((await settings.cancel(id))?.changed ? null : "conflict");
  app.route({
    method: "POST",
    url: "/tasks/cancel",
    config: { deed: "handle" },
    schema: {
      operationId: "cancelTasks",
      summary: "Cancel all tasks that a filter chooses",
      description: "Those that wait and those that run, unless `status` says otherwise.",
      body: only({
        ...FILTER,
        status: z.enum(CANCELLABLE, `must be one of ${CANCELLABLE.join(", ")}`).optional(),
        ...HOW,
      }),
      response: {
        200: z.object({ ...RESULT, cancelled: z.int().nonnegative() }).meta({ id: "BulkCancel" }),
        ...REFUSALS,
      },
    },
    async handler({ body, caller, raw }) {
      const { all, dry_run: isDry, ...filter } = body;
      const { matched, done, skipped, more } = await walk({
        list: settings.list,
        filter: choose(filter, all, caller),
        // Those that wait first: they would start in the slots of those that run.
        states: filter.status === undefined ? CANCELLABLE : [filter.status],
        act: isDry ? null : cancel,
        atOnce: CANCELLED_AT_ONCE,
        client: raw.socket,
        clock: settings.clock,
      });
      return { success: true as const, matched, cancelled: done, skipped, more };
    },
  });
}

function addBulkRetryRoute(app: ControlInstance, settings: BulkSettings): void {
  const retryFor =
    (caller: Caller): Act =>
    async ({ id }) =>
      (await settings.resubmit(id, caller)) === null ? "not_found" : null;
  app.route({
    method: "POST",
    url: "/tasks/retry",
    config: { deed: "handle" },
    schema: {
      operationId: "retryTasks",
      summary: "Make new tasks from the requests of all that a filter chooses",
      description:
        "Those that failed, unless `status` says otherwise. Of a route that has no more room (`queue_full` among those " +
        "skipped) further tasks wait for a call with `cursor`; those of other routes go on.",
      body: only({
        ...FILTER,
        status: z.enum(RETRYABLE, `must be one of ${RETRYABLE.join(", ")}`).optional(),
        cursor: BULK_CURSOR.optional(),
        ...HOW,
      }),
      response: {
        200: z
          .object({
            ...RESULT,
            retried: z.int().nonnegative(),
            next_cursor: z
              .string()
              .nullable()
              .describe("For `cursor`: goes on where this call ended, also with those that found no room."),
          })
          .meta({ id: "BulkRetry" }),
        ...REFUSALS,
      },
    },
    async handler({ body, caller, raw }) {
      const { all, dry_run: isDry, cursor, ...filter } = body;
      const { matched, done, skipped, more, place } = await walk({
        list: settings.list,
        filter: choose(filter, all, caller),
        states: [filter.status ?? "failed"],
        ...(cursor === undefined ? {} : { from: cursor }),
        act: isDry ? null : retryFor(caller),
        // A task that was retried looks as before. One by one it is known where to go on.
        atOnce: 1,
        client: raw.socket,
        clock: settings.clock,
      });
      const next = more ? writeCursor(place) : null;
      return { success: true as const, matched, retried: done, skipped, more, next_cursor: next };
    },
  });
}

/** Nothing at all chooses nothing: what was left out, or lost in a variable, must not stop everything. */
function choose(filter: Filter, all: true | undefined, caller: Caller): Walk["filter"] {
  const given = Object.values(filter).some((value) => value !== undefined);
  if (given === (all === true)) {
    const message = given
      ? "all stands in place of a filter: give one of them."
      : 'Give a filter, such as status or label, or {"all": true}.';
    throw new HeadgateError("invalid_request", message, given ? { field: "all" } : {});
  }
  return toListFilter(filter, caller);
}

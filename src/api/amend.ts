import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import type { Amendment, Store } from "../store/store.ts";
import { PRIORITY } from "../task/task.ts";
import type { ControlInstance } from "./instance.ts";
import { instantIn, only, TASK_PARAMS, unknownTask } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import { TASK } from "./task-schema.ts";
import { type TaskPace, type ViewOptions, viewTask } from "./task-view.ts";

export interface AmendSettings {
  readonly find: Store["find"];
  readonly amend: Store["amend"];
  /** A task of the lane may be due earlier than was thought. */
  readonly wake: (lane: string) => void;
  readonly pace: TaskPace;
  readonly viewOptions: ViewOptions;
  readonly clock: Clock;
}

const LONGEST_DELAY_SECONDS = 366 * 86_400;
const PRIORITY_RANGE = `must be a whole number from ${PRIORITY.lowest} to ${PRIORITY.highest}`;
const DELAY_RANGE = `must be a number of seconds from 0 to ${LONGEST_DELAY_SECONDS}`;

const CHANGES = only({
  priority: z
    .int(PRIORITY_RANGE)
    .min(PRIORITY.lowest, PRIORITY_RANGE)
    .max(PRIORITY.highest, PRIORITY_RANGE)
    .optional(),
  not_before: instantIn().nullable().optional().describe("Null for at once."),
  delay_seconds: z.number(DELAY_RANGE).min(0, DELAY_RANGE).max(LONGEST_DELAY_SECONDS, DELAY_RANGE).optional(),
});

/** `PATCH /task/{id}`; `app` reads JSON. */
export function addAmendRoute(app: ControlInstance, settings: AmendSettings): void {
  const { find, clock } = settings;
  app.route({
    method: "PATCH",
    url: "/task/:id",
    config: { deed: "handle" },
    schema: {
      operationId: "amendTask",
      summary: "Change the priority or the due time of a task that waits",
      params: TASK_PARAMS,
      body: CHANGES,
      response: {
        200: TASK,
        400: problem("The id, the JSON or a member of it is malformed or not known."),
        404: problem("There is no such task."),
        409: problem("The task does not wait any more."),
        413: problem("The body is too large."),
        415: problem("The body is not application/json."),
      },
    },
    async handler(request, reply) {
      const { id } = request.params;
      const isAmended = await settings.amend(id, toAmendment(request.body, clock.now()));
      if (isAmended === null) throw unknownTask();
      const found = await find(id);
      if (found === null) throw unknownTask();
      if (!isAmended) {
        throw new HeadgateError(
          "conflict",
          `The task is ${found.task.state}; only one that is pending is changed.`,
          { taskStatus: found.task.state },
        );
      }
      settings.wake(found.task.lane);
      const context = { now: clock.now(), options: settings.viewOptions, pace: settings.pace };
      return reply.header("Cache-Control", "no-store").send(viewTask(found, null, context));
    },
  });
}

function toAmendment(changes: z.output<typeof CHANGES>, now: number): Amendment {
  const { priority, not_before: notBefore, delay_seconds: delaySeconds } = changes;
  if (priority === undefined && notBefore === undefined && delaySeconds === undefined) {
    throw new HeadgateError("invalid_request", "Give priority, not_before or delay_seconds.");
  }
  if (notBefore !== undefined && delaySeconds !== undefined) {
    throw new HeadgateError("invalid_request", "delay_seconds and not_before exclude each other.", {
      field: "delay_seconds",
    });
  }
  const due = delaySeconds === undefined ? notBefore : now + delaySeconds * 1_000;
  if ((due ?? 0) - now > LONGEST_DELAY_SECONDS * 1_000) {
    throw new HeadgateError("invalid_request", "not_before is at most 366 days ahead.", {
      field: "not_before",
    });
  }
  return {
    ...(priority === undefined ? {} : { priority }),
    // What is due already stands in line at once.
    ...(due === undefined ? {} : { notBefore: due !== null && due > now ? Math.round(due) : null }),
  };
}

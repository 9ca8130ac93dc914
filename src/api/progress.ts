import { z } from "zod";
import { HeadgateError } from "../lib/error.ts";
import type { ControlInstance } from "./instance.ts";
import { only, TASK_PARAMS, unknownTask } from "./parameters.ts";
import { problem } from "./problem-schema.ts";

export interface ProgressRouteSettings {
  /** The attempt that a token was issued for; null when it was not issued for this task. */
  readonly attemptOf: (token: string, taskId: string) => number | null;
  readonly report: (
    id: string,
    attempt: number,
    said: { readonly percent: number | null; readonly message: string | null },
  ) => Promise<"kept" | "taken" | "over" | "unknown">;
}

const LONGEST_MESSAGE = 500;
const PERCENT_RANGE = "must be a number from 0 to 100";
const MESSAGE_LENGTH = `must be a text of at most ${LONGEST_MESSAGE} characters`;

const REPORT = only({
  percent: z.number(PERCENT_RANGE).min(0, PERCENT_RANGE).max(100, PERCENT_RANGE).nullable().optional(),
  message: z.string(MESSAGE_LENGTH).max(LONGEST_MESSAGE, MESSAGE_LENGTH).nullable().optional(),
});

/** `PUT /task/{id}/progress`; `app` reads JSON. The target that works on the task calls it: it has a token instead of a key. */
export function addProgressRoute(app: ControlInstance, settings: ProgressRouteSettings): void {
  app.route({
    method: "PUT",
    url: "/task/:id/progress",
    config: { deed: "open" },
    schema: {
      operationId: "reportProgress",
      summary: "Say how far the work on a task is",
      description:
        "For the target: both `Headgate-Progress-Url` and `Headgate-Progress-Token` came with the request it works on. " +
        "Ten reports a second are kept; of more, the last.",
      params: TASK_PARAMS,
      headers: z.looseObject({
        "headgate-progress-token": z.string().optional().describe("As it came with the request."),
      }),
      body: REPORT,
      response: {
        202: z.undefined().describe("It will be kept in a moment, unless another comes."),
        204: z.undefined().describe("It is kept."),
        400: problem("The id, the JSON or a member of it is malformed or not known."),
        403: problem("The token is none of this task's."),
        404: problem("There is no such task any more."),
        409: problem("The attempt that the token is for is over."),
        413: problem("The body is too large."),
        415: problem("The body is not application/json."),
        507: problem("The disk is full."),
      },
    },
    async handler(request, reply) {
      const { id } = request.params;
      const { percent = null, message = null } = request.body;
      const attempt = settings.attemptOf(request.headers["headgate-progress-token"] ?? "", id);
      if (attempt === null) throw NOT_ITS_TOKEN;
      if (percent === null && message === null) throw NOTHING_SAID;
      const reported = await settings.report(id, attempt, { percent, message });
      if (reported === "unknown") throw unknownTask();
      if (reported === "over") throw OVER;
      return reply
        .header("Cache-Control", "no-store")
        .code(reported === "kept" ? 204 : 202)
        .send();
    },
  });
}

const NOT_ITS_TOKEN = new HeadgateError(
  "forbidden",
  "Send the Headgate-Progress-Token that came with this task's request.",
  { field: "Headgate-Progress-Token" },
);

const NOTHING_SAID = new HeadgateError("invalid_request", "Give percent, message or both.");

const OVER = new HeadgateError("conflict", "The attempt that this token is for is over.");

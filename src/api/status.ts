import type { ServerResponse } from "node:http";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import type { Found, Store } from "../store/store.ts";
import { waitingFor } from "../task/hold.ts";
import { isFinal } from "../task/task.ts";
import type { Wait, WaitUntilFinal } from "../task/wait.ts";
import type { HolderOf } from "./access.ts";
import { matchesTag, taskTag } from "./etag.ts";
import { inlineResult, writeTask } from "./inline-result.ts";
import type { ControlInstance } from "./instance.ts";
import { numberIn, TASK_PARAMS, unknownTask } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import { TASK } from "./task-schema.ts";
import { isLong, type TaskPace, type ViewOptions, viewTask } from "./task-view.ts";

export interface StatusSettings {
  readonly find: Store["find"];
  readonly response: Store["response"];
  readonly waitUntilFinal: WaitUntilFinal;
  readonly holderOf: HolderOf;
  readonly pace: TaskPace;
  readonly viewOptions: ViewOptions;
  readonly clock: Clock;
}

const LONGEST_WAIT_SECONDS = 60;
const WAIT_RANGE = `must be a number of seconds from 0 to ${LONGEST_WAIT_SECONDS}`;

// Not `only`: who polls may add a parameter against caches.
export const WAIT_QUERY: z.ZodType<{ readonly wait: number }> = z.object({
  wait: numberIn(z.number(WAIT_RANGE).min(0, WAIT_RANGE).max(LONGEST_WAIT_SECONDS, WAIT_RANGE))
    .prefault(0)
    .describe("Answer when all is over, or after so many seconds."),
});

/** Not answered at once instead: who asks again without a pause, as after a wait, would do so as fast as it can. */
export const TOO_MANY_WAIT: HeadgateError = new HeadgateError(
  "too_many_clients",
  "As many clients wait as may, or half of them are yours (max_waiting in the configuration). Ask without wait, or later.",
  { field: "wait", retryAfterSeconds: 5 },
);

/** `GET /task/{id}`: what every client polls, so it reads the store twice at most and writes its JSON itself. */
export function addStatusRoute(app: ControlInstance, settings: StatusSettings): void {
  const { find, pace, viewOptions: options, clock } = settings;
  app.route({
    method: "GET",
    url: "/task/:id",
    config: { deed: "see" },
    schema: {
      operationId: "getTask",
      summary: "A task",
      description: "With `If-None-Match` it answers 304 while the task is where it was.",
      params: TASK_PARAMS,
      querystring: WAIT_QUERY,
      response: {
        200: TASK,
        304: z.undefined().describe("Nothing has changed."),
        400: problem("The id or a parameter is malformed."),
        404: problem("There is no such task."),
        503: problem("Too many clients wait; without `wait` it is answered."),
      },
    },
    async handler(request, reply) {
      const { id } = request.params;
      const { wait } = request.query;
      const found = wait > 0 ? await awaitFinal(id, begin(id, wait, request), reply.raw) : await find(id);
      if (found === null) throw unknownTask();
      const now = clock.now();
      const { task } = found;
      const waits = waitingFor(task, options.holdOf, now);
      const tag = taskTag(found, waits, isLong(task, now, options.longTaskThresholdMs));
      reply.header("ETag", tag).header("Cache-Control", "private, no-cache");
      if (matchesTag(request.headers["if-none-match"], tag)) return reply.code(304).send();

      const isAnswered = isFinal(task.state) && task.responseStatus !== null;
      const response = isAnswered ? await settings.response(id) : null;
      const view = viewTask(found, response, { now, options, pace });
      const text = writeTask(view, inlineResult(response));
      // The schema above documents and is checked in tests; encoding by it costs several times the rest.
      return reply.type("application/json; charset=utf-8").send(text);
    },
  });

  function begin(id: string, seconds: number, { raw, caller }: FastifyRequest): Wait | null {
    return settings.waitUntilFinal(id, seconds * 1_000, settings.holderOf(raw, caller));
  }

  /** Looks while it waits already, so that an end in between is not missed; stops when the client leaves. */
  async function awaitFinal(id: string, wait: Wait | null, client: ServerResponse): Promise<Found | null> {
    if (wait !== null) client.on("close", wait.leave);
    try {
      const found = await find(id);
      if (found === null || isFinal(found.task.state) || client.destroyed) return found;
      if (wait === null) throw TOO_MANY_WAIT;
      await wait.over;
      return client.destroyed ? found : await find(id);
    } finally {
      wait?.leave();
    }
  }
}

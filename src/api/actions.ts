import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import { type Language, preferredLanguage } from "../lib/language.ts";
import type { Accepted } from "../store/acceptance.ts";
import type { Cancellation, Store } from "../store/store.ts";
import type { Caller } from "../task/caller.ts";
import type { TaskEvents } from "../task/event.ts";
import { askAgainSeconds, type Receipt, receiptBody, receiptHeaders } from "../task/receipt.ts";
import type { ControlInstance } from "./instance.ts";
import { TASK_PARAMS, unknownTask } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import type { TaskPace, ViewOptions } from "./task-view.ts";

export interface ActionSettings {
  readonly find: Store["find"];
  readonly cancel: (id: string) => Promise<Cancellation | null>;
  /** A new task from the request of an old one; rejects with what keeps it out. */
  readonly resubmit: (
    id: string,
    caller: Caller,
  ) => Promise<{ readonly id: string; readonly accepted: Accepted } | null>;
  readonly remove: Store["remove"];
  readonly emit: Emitter<TaskEvents>["emit"];
  /** `http://host` as the client called us, for absolute links; empty when it named no host. */
  readonly originOf: (request: IncomingMessage) => string;
  readonly pace: TaskPace;
  readonly viewOptions: ViewOptions;
  readonly locale: Language;
}

const DONE = z.object({ success: z.literal(true), task_id: z.string(), message: z.string() });
const CANCELLED = DONE.extend({ status: z.literal("cancelled") }).meta({ id: "Cancelled" });
const DELETED = DONE.meta({ id: "Deleted" });

const RECEIPT = DONE.extend({
  status: z.literal("pending"),
  retry_of: z.string(),
  data: z.object({
    task_id: z.string(),
    status_url: z.string(),
    result_url: z.string(),
    events_url: z.string(),
    cancel_url: z.string(),
    position: z.int().positive().nullable(),
    eta_seconds: z.number().nonnegative().nullable(),
  }),
}).meta({ id: "Receipt" });

const REFUSALS = {
  400: problem("The id is malformed."),
  404: problem("There is no such task."),
};

/** What is done to one task: cancel it, run it again, delete it. */
export function addActionRoutes(app: ControlInstance, settings: ActionSettings): void {
  addCancelRoute(app, settings);
  addRetryRoute(app, settings);
  addDeleteRoute(app, settings);
}

function addCancelRoute(app: ControlInstance, settings: ActionSettings): void {
  app.route({
    method: "POST",
    url: "/task/:id/cancel",
    config: { deed: "handle" },
    schema: {
      operationId: "cancelTask",
      summary: "Cancel a task, also while it runs",
      params: TASK_PARAMS,
      response: { 200: CANCELLED, ...REFUSALS, 409: problem("The task has ended already.") },
    },
    async handler(request) {
      const { id } = request.params;
      const cancellation = await settings.cancel(id);
      if (cancellation === null) throw unknownTask();
      if (!cancellation.changed) {
        throw new HeadgateError("conflict", `The task is ${cancellation.from} already and stays so.`, {
          taskStatus: cancellation.from,
        });
      }
      const message = CANCEL_MESSAGE[languageOf(request.headers, settings)];
      return { success: true as const, task_id: id, status: "cancelled" as const, message };
    },
  });
}

function addRetryRoute(app: ControlInstance, settings: ActionSettings): void {
  app.route({
    method: "POST",
    url: "/task/:id/retry",
    config: { deed: "handle" },
    schema: {
      operationId: "retryTask",
      summary: "Make a new task from the request of one that has ended",
      params: TASK_PARAMS,
      response: {
        202: RECEIPT,
        ...REFUSALS,
        409: problem("The task has not ended yet."),
        410: problem("The request of the task, or its route, is no longer there."),
        503: problem("The queue is full, or Headgate is stopping."),
        507: problem("The disk is full."),
      },
    },
    async handler(request, reply) {
      const { id } = request.params;
      const old = await settings.find(id);
      const renewed = old && (await settings.resubmit(id, request.caller));
      if (old === null || renewed === null) throw unknownTask();
      const { position } = renewed.accepted;
      const etaSeconds = position === null ? null : settings.pace.etaSeconds(old.task.lane, position);
      const receipt: Receipt = {
        id: renewed.id,
        status: "pending",
        language: languageOf(request.headers, settings),
        controlPrefix: settings.viewOptions.controlPrefix,
        origin: settings.originOf(request.raw),
        position,
        etaSeconds,
        retryAfterSeconds: askAgainSeconds(etaSeconds),
        retryOf: id,
      };
      const headers = receiptHeaders(receipt);
      for (let i = 0; i < headers.length; i += 2) reply.header(headers[i] as string, headers[i + 1]);
      // Text as the way in writes it, so that a receipt is the same wherever it comes from.
      return reply
        .code(202)
        .serializer(asText)
        .send(receiptBody(receipt) as never);
    },
  });
}

function addDeleteRoute(app: ControlInstance, settings: ActionSettings): void {
  app.route({
    method: "DELETE",
    url: "/task/:id",
    config: { deed: "handle" },
    schema: {
      operationId: "deleteTask",
      summary: "Delete a task that has ended, with its request and its answer",
      params: TASK_PARAMS,
      response: {
        200: DELETED,
        ...REFUSALS,
        409: problem("The task has not ended, or its connection is not closed yet."),
      },
    },
    async handler(request) {
      const { id } = request.params;
      const removal = await settings.remove(id);
      if (removal === null) throw unknownTask();
      const { removed, lane, client, state } = removal;
      if (!removed) {
        throw new HeadgateError(
          "conflict",
          "The task has not ended yet. Cancel it first, or wait a moment if you did.",
          { taskStatus: state },
        );
      }
      settings.emit("task.removed", { id, lane, client, state });
      const message = DELETE_MESSAGE[languageOf(request.headers, settings)];
      return { success: true as const, task_id: id, message };
    },
  });
}

function languageOf(headers: IncomingMessage["headers"], { locale }: ActionSettings): Language {
  return preferredLanguage(headers["accept-language"], locale);
}

function asText(payload: unknown): string {
  return String(payload);
}

const CANCEL_MESSAGE: Readonly<Record<Language, string>> = Object.freeze({
  en: "Task cancelled",
  zh: "任务已取消",
});
const DELETE_MESSAGE: Readonly<Record<Language, string>> = Object.freeze({
  en: "Task deleted",
  zh: "任务已删除",
});

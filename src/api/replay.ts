import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import { isDeleted, sendBody } from "../lib/send-body.ts";
import type { BodyStore, ByteRange, Found, Store } from "../store/store.ts";
import { headerValue } from "../task/header.ts";
import { noAnswer } from "../task/no-answer.ts";
import { askAgainSeconds } from "../task/receipt.ts";
import { bodySize, isFinal, type StoredResponse } from "../task/task.ts";
import type { Vault } from "../task/vault.ts";
import type { ControlInstance } from "./instance.ts";
import { TASK_PARAMS, unknownTask } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import type { OnUnexpected } from "./problems.ts";
import { parseRange } from "./range.ts";
import { replayHeaders } from "./replay-headers.ts";
import { TASK } from "./task-schema.ts";
import { type TaskPace, type ViewOptions, viewTask } from "./task-view.ts";

export interface ReplaySettings {
  readonly find: Store["find"];
  readonly response: Store["response"];
  readonly readBody: BodyStore["read"];
  readonly unseal: Vault["open"];
  readonly pace: TaskPace;
  readonly viewOptions: ViewOptions;
  readonly clock: Clock;
  /** An answer broke off here, and its client cannot be told why. */
  readonly onUnexpected: OnUnexpected;
}

/** `GET /task/{id}/result`: the target's answer as it gave it. */
export function addReplayRoute(app: ControlInstance, settings: ReplaySettings): void {
  app.route({
    method: "GET",
    url: "/task/:id/result",
    config: { deed: "see" },
    schema: {
      operationId: "getResult",
      summary: "The target's answer",
      description:
        "Status, headers and body as the target sent them, without the fields that would act on Headgate's own origin. " +
        "A single `Range` of an answer with status 200 works.",
      params: TASK_PARAMS,
      response: {
        default: { description: "The target's answer.", content: { "*/*": { schema: z.unknown() } } },
        202: TASK.describe("The task has not ended; `Retry-After` says when to ask again."),
        400: problem("The id is malformed, unless it is the target's own 400."),
        404: problem("There is no such task, unless it is the target's own 404."),
        410: problem("The task was cancelled."),
        416: problem("No byte of the range exists."),
        502: problem("The task failed without an answer."),
        504: problem("The time of the task ran out, in line or at the target."),
      },
    },
    async handler(request, reply) {
      const found = await settings.find(request.params.id);
      if (found === null) throw unknownTask();
      const { task } = found;
      if (!isFinal(task.state)) return sendNotYet(reply, found, settings);
      if (task.responseStatus === null) {
        const { status, headers, body } = noAnswer(task);
        return reply
          .code(status)
          .headers(headers)
          .serializer(JSON.stringify)
          .send(body as never);
      }
      const response = await settings.response(task.id);
      if (response === null) throw unknownTask();
      await replay(response, request, reply, settings);
      return reply;
    },
  });
}

function sendNotYet(
  reply: FastifyReply,
  found: Found,
  { clock, viewOptions: options, pace }: ReplaySettings,
): unknown {
  const view = viewTask(found, null, { now: clock.now(), options, pace });
  return reply
    .code(202)
    .header("Retry-After", String(askAgainSeconds(view.eta_seconds)))
    .header("Location", `${options.controlPrefix}/task/${found.task.id}`)
    .header("Cache-Control", "no-store")
    .send(view);
}

async function replay(
  response: StoredResponse,
  request: FastifyRequest,
  reply: FastifyReply,
  { readBody, unseal, onUnexpected }: ReplaySettings,
): Promise<void> {
  const sizeBytes = bodySize(response.body);
  const range = rangeFor(request, response, sizeBytes);
  if (range === "unsatisfiable") {
    reply.header("Content-Range", `bytes */${sizeBytes}`);
    throw new HeadgateError("range_not_satisfiable", `The answer has ${sizeBytes} bytes.`, {
      field: "Range",
    });
  }
  const headers = replayHeaders(unseal(response.headers), range !== null);
  if (response.status === 200) headers.push("Accept-Ranges", "bytes");
  if (range !== null) headers.push("Content-Range", `bytes ${range.start}-${range.end}/${sizeBytes}`);
  // RFC 9110 8.6: none where there is no content by definition.
  if (response.status !== 204 && response.status !== 304) {
    headers.push("Content-Length", String(range === null ? sizeBytes : range.end - range.start + 1));
  }
  const status = range === null ? response.status : 206;
  const head = (): void => {
    reply.hijack();
    reply.raw.writeHead(status, headers);
  };
  if (request.method === "HEAD" || sizeBytes === 0) {
    head();
    reply.raw.end();
  } else {
    const body = readBody(response.body, range ?? undefined);
    await sendBody(body, reply.raw, head, onUnexpected).catch((error: unknown) => {
      throw isDeleted(error) ? unknownTask() : error;
    });
  }
}

/** Which part is asked for (RFC 9110 13.1.5, 14.2): only of a GET, and only of an answer that is whole itself. */
function rangeFor(
  { method, headers }: FastifyRequest,
  response: StoredResponse,
  sizeBytes: number,
): ByteRange | "unsatisfiable" | null {
  const field = headers.range;
  if (field === undefined || method !== "GET" || response.status !== 200) return null;
  const condition = headers["if-range"];
  if (condition !== undefined && !isSame(String(condition), response)) return null;
  return parseRange(field, sizeBytes);
}

/** RFC 9110 13.1.5: a strong tag, or the very date. */
function isSame(condition: string, { headers }: StoredResponse): boolean {
  if (condition.startsWith("W/")) return false;
  return condition === headerValue(headers, condition.startsWith('"') ? "etag" : "last-modified");
}

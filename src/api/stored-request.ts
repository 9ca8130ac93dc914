import { z } from "zod";
import { HeadgateError } from "../lib/error.ts";
import { isDeleted, sendBody } from "../lib/send-body.ts";
import { withoutSecrets } from "../lib/url.ts";
import type { BodyStore, Store } from "../store/store.ts";
import { bodySize, type RawHeaders, type StoredRequest } from "../task/task.ts";
import { isSealed, REDACTED } from "../task/vault.ts";
import { inlineResult } from "./inline-result.ts";
import type { ControlInstance } from "./instance.ts";
import { TASK_PARAMS, unknownTask } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import type { OnUnexpected } from "./problems.ts";
import { REPLAY_SAFETY } from "./replay-headers.ts";

export interface StoredRequestSettings {
  readonly request: Store["request"];
  readonly readBody: BodyStore["read"];
  readonly onUnexpected: OnUnexpected;
}

interface RequestView {
  readonly success: true;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly size_bytes: number;
  readonly body: unknown;
  readonly body_encoding?: "base64" | undefined;
}

const REQUEST: z.ZodType<RequestView> = z
  .object({
    success: z.literal(true),
    method: z.string(),
    path: z.string(),
    headers: z
      .array(z.tuple([z.string(), z.string()]))
      .describe("As they came; values that are encrypted on the disk are not shown."),
    size_bytes: z.int().nonnegative(),
    body: z.unknown().describe("Like `result` of a task; null when it is too large to be shown here."),
    body_encoding: z.literal("base64").optional(),
  })
  .meta({ id: "StoredRequest" });

/** `GET /task/{id}/request` and `…/request/body`: what a client sent, for people who look into it or send it again. */
export function addStoredRequestRoutes(app: ControlInstance, settings: StoredRequestSettings): void {
  async function requestOf(id: string): Promise<StoredRequest> {
    const stored = await settings.request(id);
    if (stored === null) throw unknownTask();
    return stored;
  }

  app.route({
    method: "GET",
    url: "/task/:id/request",
    config: { deed: "see" },
    schema: {
      operationId: "getRequest",
      summary: "The request of a task",
      params: TASK_PARAMS,
      response: { 200: REQUEST, 404: problem("There is no such task.") },
    },
    async handler({ params }, reply) {
      const { method, path, headers, body } = await requestOf(params.id);
      const shown = inlineResult({ status: 200, headers, body });
      const view = {
        success: true,
        method,
        path,
        headers: shownHeaders(headers),
        size_bytes: bodySize(body),
      };
      const encoding = shown.isBase64 ? `,"body_encoding":"base64"` : "";
      const text = `${JSON.stringify(view).slice(0, -1)},"body":${shown.json}${encoding}}`;
      return reply
        .header("Cache-Control", "no-store")
        .type("application/json; charset=utf-8")
        .send(text as never);
    },
  });
  app.route({
    method: "GET",
    url: "/task/:id/request/body",
    config: { deed: "see" },
    schema: {
      operationId: "getRequestBody",
      summary: "The body of a task's request, byte for byte",
      params: TASK_PARAMS,
      response: {
        200: z.unknown().describe("To be saved: as `application/octet-stream`."),
        404: problem("There is no such task."),
      },
    },
    async handler({ params, method }, reply) {
      const { body } = await requestOf(params.id);
      const head = (): void => {
        reply.hijack();
        reply.raw.writeHead(200, [...REPLAY_SAFETY, "Content-Length", String(bodySize(body)), ...AS_FILE]);
      };
      if (method === "HEAD" || bodySize(body) === 0) {
        head();
        reply.raw.end();
        return reply;
      }
      await sendBody(settings.readBody(body), reply.raw, head, settings.onUnexpected).catch(
        (error: unknown) => {
          throw isDeleted(error) ? GONE : error;
        },
      );
      return reply;
    },
  });
}

const GONE = new HeadgateError("gone", "The body of this request is no longer stored.");

/** Whatever it says it is, a browser must not run it here. */
const AS_FILE: readonly string[] = [
  "Content-Type",
  "application/octet-stream",
  "Content-Disposition",
  'attachment; filename="request-body"',
  "Cache-Control",
  "no-store",
];

/** Many a receiver has its secret in its URL. */
function isSecretUrl(name: string, value: string): boolean {
  if (name.toLowerCase() !== "headgate-callback") return false;
  const href = URL.parse(value)?.href;
  return href !== undefined && withoutSecrets(href) !== href;
}

function shownHeaders(headers: RawHeaders): [string, string][] {
  const shown: [string, string][] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    shown.push([name, isSealed(value) || isSecretUrl(name, value) ? REDACTED : value]);
  }
  return shown;
}

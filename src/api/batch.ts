import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { HeadgateError } from "../lib/error.ts";
import { parseExactly } from "../lib/exact-json.ts";
import { type Language, preferredLanguage } from "../lib/language.ts";
import type { Caller } from "../task/caller.ts";
import type { RawHeaders } from "../task/task.ts";
import type { ControlInstance } from "./instance.ts";
import { only, textIn } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import type { ViewOptions } from "./task-view.ts";

export interface BatchSubmitSettings {
  /** Makes tasks of all requests, or of none. */
  readonly submitBatch: (call: {
    readonly request: IncomingMessage;
    readonly caller: Caller;
    readonly requests: readonly {
      readonly method: string;
      readonly path: string;
      readonly headers: RawHeaders;
      readonly bytes: Uint8Array;
    }[];
  }) => Promise<{
    readonly id: string;
    readonly taskIds: readonly string[];
    readonly isReplay: boolean;
    readonly quotaFields: Readonly<Record<string, string>>;
  }>;
  readonly originOf: (request: IncomingMessage) => string;
  readonly viewOptions: Pick<ViewOptions, "controlPrefix">;
  readonly locale: Language;
}

const MOST_REQUESTS = 1_000;
/** JSON is parsed in one go, which nothing else runs beside; what is larger is submitted by itself, and streamed. */
const LARGEST_BATCH_BYTES = 8 * 1024 * 1024;
/** Announced to be larger, a body is not even read past. */
const LARGEST_SKIPPED_BYTES = 8 * LARGEST_BATCH_BYTES;
/** Of all calls that are being read. */
const MOST_BYTES_AT_ONCE = 4 * LARGEST_BATCH_BYTES;

const FIELD_VALUE = "must be a text, or a list of texts";
const COUNT = `must be a list of 1 to ${MOST_REQUESTS} requests`;

const REQUEST = only({
  method: textIn(32)
    .transform((method) => method.toUpperCase())
    .prefault("POST"),
  path: textIn(32 * 1024).describe("Path and query, as they are sent on."),
  headers: z
    .record(
      z.string(),
      z.union([z.string(), z.array(z.string())], {
        error: FIELD_VALUE,
      }),
      {
        error: "must be an object of header fields by name",
      },
    )
    .prefault({})
    .describe("`Headgate-…` fields say the same as on a request of its own."),
  body: z
    .unknown()
    .optional()
    .describe("JSON, sent as such; null for none. The value stays as it is, its white space does not."),
  text: z.string("must be a text").optional().describe("The body as text, sent in UTF-8."),
  body_base64: z.base64("must be base64").optional().describe("The body as bytes."),
}).refine(hasOneBodyAtMost, { error: "has one of body, text and body_base64 at most" });

const BATCH_BODY = only({
  requests: z.array(REQUEST, COUNT).min(1, COUNT).max(MOST_REQUESTS, COUNT),
});

const SUBMITTED = z
  .object({
    success: z.literal(true),
    batch_id: z.string(),
    count: z.int().positive(),
    task_ids: z.array(z.string()).describe("In the order of the requests."),
    message: z.string(),
    data: z.object({ batch_id: z.string(), status_url: z.string(), tasks_url: z.string() }),
  })
  .meta({ id: "SubmittedBatch" });

/** `POST /tasks/batch`; `app` is a scope of its own, for it reads JSON in its own way. */
export function addBatchSubmitRoute(app: ControlInstance, settings: BatchSubmitSettings): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "string", bodyLimit: LARGEST_BATCH_BYTES },
    (_request, text, done) => {
      try {
        done(null, parseExactly(String(text)));
      } catch (cause) {
        done(new HeadgateError("invalid_request", "The body is not valid JSON.", { cause }));
      }
    },
  );
  const limitReading = createReadingLimit();
  app.route({
    method: "POST",
    url: "/tasks/batch",
    config: { deed: "handle" },
    onRequest: async ({ raw }, { raw: client }) => limitReading(raw, client),
    schema: {
      operationId: "submitBatch",
      summary: "Submit many requests at once, all or none",
      description: `Up to ${MOST_REQUESTS} requests and ${LARGEST_BATCH_BYTES} bytes. With an Idempotency-Key a batch that comes again is answered with the one before.`,
      body: BATCH_BODY,
      response: {
        202: SUBMITTED,
        400: problem(
          "The JSON or one of the requests is malformed (`index` and `field` say which), or the key's quota never has room for so many. None is stored.",
        ),
        410: problem("The batch came before, and its tasks were deleted."),
        413: problem("The batch, or the body of a request, is too large."),
        415: problem("The body is not application/json."),
        422: problem("The Idempotency-Key came with another batch before."),
        429: problem("The quota of the key does not suffice now for all of them."),
        503: problem("There is not room for all of them, or Headgate is stopping. None is stored."),
        507: problem("The disk is full."),
      },
    },
    async handler(request, reply) {
      const { id, taskIds, isReplay, quotaFields } = await settings.submitBatch({
        request: request.raw,
        caller: request.caller,
        requests: request.body.requests.map(toWritten),
      });
      const { controlPrefix } = settings.viewOptions;
      const status = `${controlPrefix}/batches/${id}`;
      const language = preferredLanguage(request.headers["accept-language"], settings.locale);
      reply.headers({ Location: status, "Operation-Location": settings.originOf(request.raw) + status });
      reply.headers({ "Retry-After": "1", ...quotaFields });
      if (isReplay) reply.header("Idempotent-Replayed", "true");
      return reply.code(202).send({
        success: true,
        batch_id: id,
        count: taskIds.length,
        task_ids: [...taskIds],
        message: MESSAGE[language],
        data: { batch_id: id, status_url: status, tasks_url: `${controlPrefix}/tasks?batch=${id}` },
      });
    },
  });
}

const MESSAGE: Readonly<Record<Language, string>> = Object.freeze({
  en: "Batch created",
  zh: "批次已创建",
});

/** At most one of these; what is no body at all counts as none. */
interface Content {
  readonly body?: unknown;
  readonly text?: string | undefined;
  readonly body_base64?: string | undefined;
}

function hasOneBodyAtMost({ body, text, body_base64: base64 }: Content): boolean {
  return [body ?? undefined, text, base64].filter((each) => each !== undefined).length <= 1;
}

type Written = Parameters<BatchSubmitSettings["submitBatch"]>[0]["requests"][number];

function toWritten({ method, path, headers, ...content }: z.output<typeof REQUEST>): Written {
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === "string" ? [value] : value).flatMap((each) => [name, each]),
  );
  const isTyped = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  const { type, bytes } = toBytes(content);
  return {
    method,
    path,
    headers: type === null || isTyped ? fields : [...fields, "Content-Type", type],
    bytes,
  };
}

function toBytes({ body, text, body_base64: base64 }: Content): {
  readonly type: string | null;
  readonly bytes: Uint8Array;
} {
  if (text !== undefined) return { type: "text/plain; charset=utf-8", bytes: Buffer.from(text) };
  if (base64 !== undefined) return { type: null, bytes: Buffer.from(base64, "base64") };
  if (body === undefined || body === null) return { type: null, bytes: new Uint8Array() };
  return { type: "application/json", bytes: Buffer.from(JSON.stringify(body)) };
}

const TOO_LARGE = new HeadgateError(
  "body_too_large",
  `A batch may be ${LARGEST_BATCH_BYTES} bytes at most; larger requests are submitted one by one.`,
);

/** From its head to its last byte. */
const SLOWEST_BATCH_MS = 30_000;

/** Bytes of batches that are on their way at once; who does not say how many counts as the most. */
function createReadingLimit(): (request: IncomingMessage, client: NodeJS.EventEmitter) => void {
  let reading = 0;
  return (request, client) => {
    const announced = request.headers["content-length"];
    const bytes = announced === undefined ? LARGEST_BATCH_BYTES : Number(announced);
    if (bytes > LARGEST_SKIPPED_BYTES) return;
    // Said here, node:http reads past the body, and the client hears the answer instead of a reset.
    if (bytes > LARGEST_BATCH_BYTES) throw TOO_LARGE;
    if (reading + bytes > MOST_BYTES_AT_ONCE) {
      const message = "Too many batches are on their way at once.";
      throw new HeadgateError("queue_full", message, { retryAfterSeconds: 1 });
    }
    reading += bytes;
    // A body that trickles would keep others out for as long as it likes.
    const late = setTimeout(() => request.destroy(), SLOWEST_BATCH_MS);
    request.once("end", () => clearTimeout(late));
    client.once("close", () => {
      clearTimeout(late);
      reading -= bytes;
    });
  };
}

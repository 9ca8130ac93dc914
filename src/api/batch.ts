import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import { type Language, preferredLanguage } from "../lib/language.ts";
import type { Caller } from "../task/caller.ts";
import { createBatchReader } from "./batch-reader.ts";
import type { ControlInstance } from "./instance.ts";
import { problem } from "./problem-schema.ts";
import { BATCH_BODY, MOST_REQUESTS, type Written } from "./read-batch.ts";
import type { ViewOptions } from "./task-view.ts";

export interface BatchSubmitSettings {
  /** Makes tasks of all requests, or of none. */
  readonly submitBatch: (call: {
    readonly request: IncomingMessage;
    readonly caller: Caller;
    readonly requests: readonly Written[];
  }) => Promise<{
    readonly id: string;
    readonly taskIds: readonly string[];
    readonly isReplay: boolean;
    readonly quotaFields: Readonly<Record<string, string>>;
  }>;
  readonly originOf: (request: IncomingMessage) => string;
  readonly viewOptions: Pick<ViewOptions, "controlPrefix">;
  readonly locale: Language;
  readonly clock: Clock;
}

/** JSON is parsed in one go, and is in memory several times; what is larger is submitted by itself, and streamed. */
const LARGEST_BATCH_BYTES = 8 * 1024 * 1024;
/** Announced to be larger, a body is not even read past. */
const LARGEST_SKIPPED_BYTES = 8 * LARGEST_BATCH_BYTES;
/** Of all calls that are being read. */
const MOST_BYTES_AT_ONCE = 4 * LARGEST_BATCH_BYTES;

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
  const reader = createBatchReader(settings.clock);
  app.addHook("onClose", reader.close);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer", bodyLimit: LARGEST_BATCH_BYTES },
    (_request, bytes, done) => done(null, bytes),
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
      // Described here, and checked where it is read.
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
    validatorCompiler: () => () => true,
    // Before it is asked again whether the caller may: reading takes a while.
    async preValidation(request, reply) {
      request.body = await reader.read(request.body as Buffer | undefined, reply.raw);
    },
    async handler(request, reply) {
      const { id, taskIds, isReplay, quotaFields } = await settings.submitBatch({
        request: request.raw,
        caller: request.caller,
        requests: request.body as readonly Written[],
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

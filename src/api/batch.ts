import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import { type Language, preferredLanguage } from "../lib/language.ts";
import type { Caller } from "../task/caller.ts";
import { createBatchReader, READ_HERE_BYTES } from "./batch-reader.ts";
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
/** Of those of one client: whoever sends slowly keeps nobody else out. */
const MOST_BYTES_OF_ONE = MOST_BYTES_AT_ONCE / 2;

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
    onRequest: async (request, { raw }) => limitReading(request, raw),
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
        503: problem(
          "There is not room for all of them, too many large batches are on their way (`too_many_clients`), or Headgate is stopping. None is stored.",
        ),
        507: problem("The disk is full."),
      },
    },
    validatorCompiler: () => () => true,
    // Before it is asked again whether the caller may: reading takes a while.
    async preValidation(request, reply) {
      const body = request.body as Buffer | undefined;
      request.body = await reader.read(body, reply.raw, clientOf(request));
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

/** Bytes of large batches that are on their way at once; who does not say how many counts as the most. */
function createReadingLimit(): (request: FastifyRequest, answer: NodeJS.EventEmitter) => void {
  const byClient = new Map<string, number>();
  let all = 0;

  function count(client: string, bytes: number): void {
    all += bytes;
    const own = (byClient.get(client) ?? 0) + bytes;
    if (own === 0) byClient.delete(client);
    else byClient.set(client, own);
  }

  return (request, answer) => {
    const announced = request.headers["content-length"];
    const bytes = announced === undefined ? LARGEST_BATCH_BYTES : Number(announced);
    // A small one always finds room.
    if (bytes <= READ_HERE_BYTES || bytes > LARGEST_SKIPPED_BYTES) return;
    // Said here, node:http reads past the body, and the client hears the answer instead of a reset.
    if (bytes > LARGEST_BATCH_BYTES) throw TOO_LARGE;
    const client = clientOf(request);
    if (all + bytes > MOST_BYTES_AT_ONCE) throw TOO_MANY;
    if ((byClient.get(client) ?? 0) + bytes > MOST_BYTES_OF_ONE) throw TOO_MANY_OF_ONE;
    count(client, bytes);
    answer.once("close", () => count(client, -bytes));
  };
}

/** Who shares the room and the turns with others: a key's client, without keys an address. */
function clientOf({ raw, caller }: FastifyRequest): string {
  return caller.client ?? raw.socket.remoteAddress ?? "";
}

const TOO_MANY = tooMany("Too many large batches are on their way at once.");
const TOO_MANY_OF_ONE = tooMany("Too many large batches of this client are on their way at once.");

function tooMany(message: string): HeadgateError {
  return new HeadgateError("too_many_clients", message, { retryAfterSeconds: 1 });
}

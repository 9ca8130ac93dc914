/** Peer (d): the usual way in Node. Fastify takes the task, BullMQ keeps it on Redis, undici forwards it. */
import type { IncomingHttpHeaders } from "node:http";
import { Queue, Worker } from "bullmq";
import Fastify from "fastify";
import { Pool } from "undici";

interface StoredRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface StoredAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const [port, target, maxConcurrent] = [
  Number(process.argv[2]),
  process.argv[3] ?? "",
  Number(process.argv[4]),
];
// Auto-pipelining is what BullMQ's own guide recommends for many small adds.
const connection = { host: "127.0.0.1", port: Number(process.argv[5]), enableAutoPipelining: true };
const queue = new Queue<StoredRequest, StoredAnswer>("relay", { connection });
const pool = new Pool(target, {
  connections: maxConcurrent,
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
});

const worker = new Worker<StoredRequest, StoredAnswer>(
  "relay",
  async ({ data }) => {
    const response = await pool.request({
      method: "POST",
      path: data.path,
      headers: data.headers,
      body: data.body,
    });
    const body = await response.body.text();
    if (response.statusCode >= 400) throw new Error(`target answered ${response.statusCode}`);
    return { status: response.statusCode, contentType: String(response.headers["content-type"]), body };
  },
  {
    connection: { ...connection, maxRetriesPerRequest: null },
    concurrency: maxConcurrent,
    lockDuration: 600_000,
  },
);
worker.on("error", (error) => process.stderr.write(`${error.stack}\n`));

const app = Fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));

app.post("/*", async (request, reply) => {
  const { host: _host, connection: _connection, "content-length": _length, ...headers } = request.headers;
  const job = await queue.add("forward", {
    path: request.url,
    headers,
    body: (request.body as string | undefined) ?? "",
  });
  return reply.code(202).send({
    success: true,
    task_id: job.id,
    status: "pending",
    data: { task_id: job.id, status_url: `/task/${job.id}` },
  });
});

app.get("/stats", async () => {
  const {
    waiting = 0,
    active = 0,
    completed = 0,
    failed = 0,
  } = await queue.getJobCounts("waiting", "active", "completed", "failed");
  return { tasks: { pending: waiting, processing: active, completed, failed, cancelled: 0 } };
});

app.get<{ Params: { id: string } }>("/task/:id", async (request, reply) => {
  const job = await queue.getJob(request.params.id);
  if (job === undefined) return reply.code(404).send({ success: false });
  return { success: true, status: await job.getState(), result: job.returnvalue };
});

await app.listen({ port, host: "127.0.0.1", backlog: 4096 });

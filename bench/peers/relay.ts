/** Peer (b): the ceiling. A relay that keeps tasks in a Map and forwards with undici; nothing is durable. */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Pool } from "undici";

interface Task {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  status: "pending" | "processing" | "completed" | "failed";
  body: Buffer;
  answer: Buffer | null;
}

const [port, target, maxConcurrent] = [
  Number(process.argv[2]),
  process.argv[3] ?? "",
  Number(process.argv[4]),
];
const pool = new Pool(target, {
  connections: maxConcurrent,
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
});
const tasks = new Map<string, Task>();
const counts = { pending: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 };
const empty = Buffer.alloc(0);
// A FIFO with a moving head: Array.shift on a long backlog would measure the array, not the relay.
let queue: Task[] = [];
let head = 0;

function accept(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const id = randomUUID();
    const { host: _host, connection: _connection, "content-length": _length, ...headers } = request.headers;
    const task: Task = {
      path: request.url ?? "/",
      headers,
      status: "pending",
      body: Buffer.concat(chunks),
      answer: null,
    };
    tasks.set(id, task);
    queue.push(task);
    counts.pending += 1;
    reply(response, 202, {
      success: true,
      task_id: id,
      status: "pending",
      data: { task_id: id, status_url: `/task/${id}` },
    });
    forwardNext();
  });
}

function forwardNext(): void {
  while (counts.processing < maxConcurrent && head < queue.length) {
    const task = queue[head++] as Task;
    if (head === 65_536) [queue, head] = [queue.slice(head), 0];
    move(task, "processing");
    forward(task);
  }
}

function forward(task: Task): void {
  const chunks: Buffer[] = [];
  const settle = (status: "completed" | "failed"): void => {
    task.answer = Buffer.concat(chunks);
    task.body = empty;
    move(task, status);
    forwardNext();
  };
  let statusCode = 0;
  pool.dispatch(
    { method: "POST", path: task.path, headers: task.headers, body: task.body },
    {
      onRequestStart: () => {},
      onResponseStart: (_controller, status) => void (statusCode = status),
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd: () => settle(statusCode < 400 ? "completed" : "failed"),
      onResponseError: () => settle("failed"),
    },
  );
}

function move(task: Task, status: Task["status"]): void {
  counts[task.status] -= 1;
  counts[status] += 1;
  task.status = status;
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response
    .writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
    .end(body);
}

createServer((request, response) => {
  if (request.method === "POST") return accept(request, response);
  if (request.url === "/stats") return reply(response, 200, { tasks: counts });
  const task = tasks.get((request.url ?? "").replace("/task/", ""));
  if (task === undefined) return reply(response, 404, { success: false });
  return reply(response, 200, {
    success: true,
    status: task.status,
    result: task.answer?.toString() ?? null,
  });
}).listen(port, "127.0.0.1", 4096);

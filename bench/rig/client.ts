import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "./median.ts";

/** What every subject's GET /stats tells about its tasks. */
export interface Counts {
  readonly pending: number;
  readonly processing: number;
  readonly completed: number;
  readonly failed: number;
}

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const pollMs = 25;

export function read(url: string, method = "GET", body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
      response.on("error", reject);
    });
    outgoing.on("error", reject).end(body);
  });
}

/** Submits one task and returns its id. */
export async function submitOne(
  url: string,
  method: string = "POST",
  path: string = "/api/function1",
  sent: string | undefined = method === "POST" ? '{"param1":"value1"}' : undefined,
): Promise<string> {
  const { status, body } = await read(url + path, method, sent);
  if (status !== 202) throw new Error(`${method} ${path} answered ${status}: ${body}`);
  return (JSON.parse(body) as { task_id: string }).task_id;
}

export async function readTask(url: string, id: string): Promise<{ status: string; result: unknown }> {
  const { body } = await read(`${url}/task/${id}`);
  return JSON.parse(body) as { status: string; result: unknown };
}

export async function readCounts(url: string): Promise<Counts> {
  const { body } = await read(`${url}/stats`);
  return (JSON.parse(body) as { tasks: Counts }).tasks;
}

export async function until(isSo: () => Promise<boolean>, withinMs: number, what: string): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1000} s`);
    await sleep(pollMs);
  }
}

export async function untilCounts(
  url: string,
  isSo: (counts: Counts) => boolean,
  withinMs: number,
): Promise<Counts> {
  let counts = await readCounts(url);
  await until(
    async () => isSo((counts = await readCounts(url))),
    withinMs,
    `tasks of ${url} (${JSON.stringify(counts)})`,
  );
  return counts;
}

/** Reads one URL again and again, one at a time, and tells how long that took. */
export async function timeReads(url: string, count: number, withinMs: number, pauseMs = 0): Promise<Latency> {
  const took: number[] = [];
  const deadline = performance.now() + withinMs;
  while (took.length < count && performance.now() < deadline) {
    const start = performance.now();
    const { status } = await read(url);
    took.push(performance.now() - start);
    if (status !== 200) throw new Error(`GET ${url} answered ${status}`);
    if (pauseMs > 0) await sleep(pauseMs);
  }
  took.sort((a, b) => a - b);
  return { p50Ms: percentile(took, 50), p99Ms: percentile(took, 99), maxMs: took.at(-1) ?? NaN };
}

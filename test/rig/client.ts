// A client as people write them: sends requests through a gateway and asks what became of them.

import assert from "node:assert/strict";
import { Agent, request as httpRequest } from "node:http";
import { PATIENCE_MS, patiently } from "./patience.ts";

export interface Call {
  readonly method?: string;
  /** Raw: sent as it is. */
  readonly path: string;
  /** name, value, name, value; sent as they are. `Host` and the framing are added. */
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly text: string;
  /** The body as JSON, as which the caller takes it: what he then asserts tells whether it is. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  json<T = TaskView>(): T;
}

/** A task as `GET /task/{id}` shows it, as far as tests look at it. */
export interface TaskView {
  readonly success: boolean;
  readonly task_id: string;
  readonly status: "pending" | "processing" | "completed" | "failed" | "cancelled";
  readonly reason: string;
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly is_long_task: boolean;
  readonly priority: number;
  readonly position: number | null;
  readonly attempts: readonly {
    readonly number: number;
    readonly target: string | null;
    readonly started_at: string;
    readonly ended_at: string | null;
    readonly outcome: string | null;
  }[];
  readonly result: unknown;
  readonly result_encoding?: string;
  readonly response: { readonly status: number; readonly size_bytes: number } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly retry_of: string | null;
  readonly waiting_for: { readonly reason: string; readonly until: string | null } | null;
}

/** What every error of Headgate's own looks like (RFC 9457 and the founding API's shape of a failure). */
export interface ProblemView {
  readonly success: false;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly task_status?: string;
}

export interface StatsView {
  readonly tasks: Readonly<Record<TaskView["status"], number>>;
  readonly totals: Readonly<Record<string, number>>;
  readonly in_flight: number;
}

const agent = new Agent({ keepAlive: true });

/** One request and its whole answer; rejects when there is none. */
export function call(base: URL, request: Call): Promise<Answer> {
  return patiently(exchange(base, request), () => `an answer to ${request.method ?? "GET"} ${request.path}`);
}

function exchange(base: URL, { method = "GET", path, headers = [], body, signal }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const raw = ["Host", base.host, ...headers];
    if (body !== undefined) raw.push("Content-Length", String(Buffer.byteLength(body)));
    const { hostname, port } = base;
    const request = httpRequest({ agent, hostname, port, method, path, headers: raw, signal }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(pieces);
        const { statusCode: status = 0, headers, rawHeaders } = response;
        resolve({
          status,
          headers,
          rawHeaders,
          body: bytes,
          get text() {
            return bytes.toString("utf8");
          },
          json: () => JSON.parse(bytes.toString("utf8")),
        });
      });
    });
    request.on("error", reject);
    // As bytes: with a text node:http writes the header fields in the text's encoding, too.
    request.end(typeof body === "string" ? Buffer.from(body) : body);
  });
}

/** Sends a request to be queued and answers the id of its task. */
export async function submit(base: URL, request: Call): Promise<string> {
  const answer = await call(base, { method: "POST", ...request });
  assert.equal(answer.status, 202, answer.text);
  // An answer to HEAD has no body.
  return String(answer.headers["headgate-task-id"]);
}

export async function look(base: URL, id: string): Promise<TaskView> {
  const answer = await call(base, { path: `/task/${id}` });
  assert.equal(answer.status, 200, answer.text);
  return answer.json();
}

/** The task when it is over. */
export async function outcome(base: URL, id: string): Promise<TaskView> {
  let last = "";
  const isOver = async (): Promise<TaskView> => {
    for (;;) {
      const answer = await call(base, { path: `/task/${id}?wait=10` });
      assert.equal(answer.status, 200, answer.text);
      const task = answer.json();
      if (task.completed_at !== null) return task;
      last = answer.text;
    }
  };
  return patiently(isOver(), () => `the end of task ${id}: ${last}`);
}

/** Sends a request, waits until its task is over, and answers both. */
export async function run(base: URL, request: Call): Promise<TaskView> {
  return outcome(base, await submit(base, request));
}

export async function stats(base: URL): Promise<StatsView> {
  return (await call(base, { path: "/stats" })).json<StatsView>();
}

/** Asks again and again until the answer is right; for what can only be seen by looking. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  isRight: (answer: T) => boolean,
  withinMs: number = PATIENCE_MS,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (performance.now() > deadline)
      assert.fail(`Not within ${withinMs} ms; the last was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

import { type Connection, type ConnectionOptions, createConnection, discard } from "./connection.ts";
import { HeadgateError } from "./errors.ts";
import { sleep } from "./sleep.ts";
import type { TaskView } from "./views.ts";
import { waitForTask } from "./wait.ts";

export interface HeadgateFetchOptions extends ConnectionOptions {
  /** How long the first connection is held for the answer, in seconds, before the task is asked after. */
  readonly holdSeconds?: number;
}

const LONGEST_HOLD_SECONDS = 60;

/**
 * A `fetch` for code that knows nothing of tasks: the request is queued, and the answer is the service's own, as if it had
 * been called, however long that took. Aborting cancels the task. Where there is no answer, because the service could not
 * be reached or took too long, it is a 502 or 504 with a problem (RFC 9457). It rejects as `fetch` does: with a
 * `TypeError` when Headgate itself cannot be reached, with the signal's reason when that is aborted.
 */
export function headgateFetch(baseUrl: string | URL, options: HeadgateFetchOptions = {}): typeof fetch {
  const connection = createConnection(baseUrl, options);
  const place = new URL(`${String(baseUrl).replace(/\/+$/, "")}/`);
  const hold = Math.min(LONGEST_HOLD_SECONDS, options.holdSeconds ?? 25);

  return async (input, init) => {
    const request = new Request(input instanceof Request ? input : new URL(input, place), init);
    const headers = new Headers(request.headers);
    headers.append("Prefer", `wait=${hold}`);
    // Until there is a receipt, leaving is the only way to take it back.
    if (!headers.has("Headgate-Abandon")) headers.set("Headgate-Abandon", "cancel");
    const { signal } = request;
    const response = await connection.forward(pathBelow(place, new URL(request.url)), {
      method: request.method,
      headers,
      body: await bodyOf(request),
      redirect: "manual",
      signal,
    });
    const id = response.headers.get("Headgate-Task-Id");
    // The answer came in time, or the request was refused: either is what the caller gets.
    if (response.status !== 202 || id === null || !response.headers.has("Operation-Location"))
      return response;
    await discard(response);
    return replay(connection, await waitForTask(connection, id, { signal, onAbort: "cancel" }), signal);
  };
}

/** What comes after Headgate's own place, which the connection puts before it. */
function pathBelow(place: URL, { origin, pathname, search }: URL): string {
  const isBelow = origin === place.origin && `${pathname}/`.startsWith(place.pathname);
  return (isBelow ? pathname.slice(place.pathname.length - 1) : pathname) + search;
}

/** Whole: browsers stream requests over HTTP/2 only, and some do not show the stream of a request at all. */
function bodyOf(request: Request): Promise<ArrayBuffer> | null {
  const hasNone = request.body === null || request.method === "GET" || request.method === "HEAD";
  return hasNone ? null : request.arrayBuffer();
}

const TRIES = 3;

async function replay(connection: Connection, task: TaskView, signal: AbortSignal): Promise<Response> {
  if (task.response === null) return failure(task);
  for (let attempt = 1; ; attempt++) {
    try {
      return await connection.control(`/task/${task.task_id}/result`, { signal });
    } catch (error) {
      if (attempt === TRIES || signal.aborted || error instanceof HeadgateError) throw error;
      await sleep(500 * attempt, signal);
    }
  }
}

/** As Headgate itself answers a client that waits. */
function failure(task: TaskView): Response {
  const status = task.reason === "timeout" ? 504 : 502;
  const detail = task.error?.message ?? `The task was ${task.status}.`;
  const problem = {
    status,
    title: "No answer",
    detail,
    code: task.error?.code ?? task.reason,
    success: false,
  };
  return new Response(JSON.stringify(problem), {
    status,
    headers: { "Content-Type": "application/problem+json", "Headgate-Task-Id": task.task_id },
  });
}

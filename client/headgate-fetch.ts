import { type Connection, type ConnectionOptions, createConnection } from "./connection.ts";
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
  const hold = Math.min(LONGEST_HOLD_SECONDS, options.holdSeconds ?? 25);

  return async (input, init) => {
    const request = new Request(resolve(input, baseUrl), init);
    const { pathname, search } = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.append("Prefer", `wait=${hold}`);
    const { signal } = request;
    const response = await connection.forward(pathname + search, {
      method: request.method,
      headers,
      body: request.body,
      ...(request.body === null ? {} : { duplex: "half" }),
      redirect: "manual",
      signal,
    });
    const id = response.headers.get("Headgate-Task-Id");
    // The answer came in time, or the request was refused: either is what the caller gets.
    if (response.status !== 202 || id === null || !response.headers.has("Operation-Location"))
      return response;
    await response.body?.cancel();
    return replay(connection, await waitForTask(connection, id, { signal, onAbort: "cancel" }), signal);
  };
}

/** Relative to where Headgate is, as a page's are to where it is. */
function resolve(input: string | URL | Request, baseUrl: string | URL): string | URL | Request {
  return input instanceof Request ? input : new URL(input, `${String(baseUrl).replace(/\/+$/, "")}/`);
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

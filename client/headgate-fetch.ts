import { type Connection, type ConnectionOptions, createConnection, discard, toPlace } from "./connection.ts";
import { toHeadgateError } from "./errors.ts";
import { followRedirects } from "./redirect.ts";
import { sleep } from "./sleep.ts";
import { newKey, OWN_KEY, untilTaken } from "./until-taken.ts";
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
  const place = toPlace(`${String(baseUrl).replace(/\/+$/, "")}/`);
  const hold = Math.min(LONGEST_HOLD_SECONDS, options.holdSeconds ?? 25);
  const plain = options.fetch ?? fetch;

  return async (input, init) => {
    const request = new Request(input instanceof Request ? input : new URL(input, place), init);
    // What is no request to a service, such as `data:`, is none to be queued.
    if (!/^https?:/.test(request.url)) return plain(request);
    const body = await bodyOf(request);
    const { origin } = new URL(request.url);
    return followRedirects(request, body, (one, content) => {
      const url = new URL(one.url);
      if (url.origin !== origin && url.origin !== place.origin)
        return plain(one, { body: content, redirect: "manual" });
      // The caller's key goes on to the service. To Headgate each redirect is another request, with a key of its own.
      const key = one === request && one.headers.has("Idempotency-Key") ? null : newKey();
      return queue(connection, pathBelow(place, url), one, content, hold, key);
    });
  };
}

async function queue(
  connection: Connection,
  path: string,
  { method, headers: given, signal }: Request,
  body: ArrayBuffer | null,
  hold: number,
  ownKey: string | null,
): Promise<Response> {
  const headers = new Headers(given);
  headers.append("Prefer", `wait=${hold}`);
  // Until there is a receipt, leaving is the only way to take it back.
  if (!headers.has("Headgate-Abandon")) headers.set("Headgate-Abandon", "cancel");
  if (ownKey !== null) headers.set(OWN_KEY, ownKey);
  const broken: Error[] = [];
  const sent = await untilTaken(
    async () => {
      const response = await connection
        .forward(path, { method, headers, body, signal })
        .catch((error: unknown) => {
          if (error instanceof Error) broken.push(error);
          throw error;
        });
      return response.headers.has("Headgate-Task-Id") ? { taken: response } : { refusal: response };
    },
    true,
    signal,
  );
  const response = "taken" in sent ? sent.taken : sent.refusal;
  // To Headgate the connection that broke was a caller who left: the answer is not "gone", it is the broken connection.
  const lost = broken.at(-1);
  if (lost !== undefined && response.status === 410 && (await isCancelled(response))) throw lost;
  const id = response.headers.get("Headgate-Task-Id");
  // The answer came in time, or the request was refused: either is what the caller gets.
  if (response.status !== 202 || id === null || !response.headers.has("Operation-Location")) return response;
  await discard(response);
  const task = await waitForTask(connection, `/task/${id}`, id, { signal, onAbort: "cancel" });
  return replay(connection, task, signal);
}

async function isCancelled(response: Response): Promise<boolean> {
  return (await toHeadgateError(response.clone())).problem.type === "urn:headgate:problem:cancelled";
}

/** What comes after Headgate's own place, which the connection puts before it. */
function pathBelow(place: URL, { origin, pathname, search }: URL): string {
  const isBelow = origin === place.origin && `${pathname}/`.startsWith(place.pathname);
  return (isBelow ? pathname.slice(place.pathname.length - 1) : pathname) + search;
}

/** Whole: browsers stream requests over HTTP/2 only, and some do not show the stream of a request at all. */
async function bodyOf(request: Request): Promise<ArrayBuffer | null> {
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
      if (attempt === TRIES || signal.aborted) throw error;
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

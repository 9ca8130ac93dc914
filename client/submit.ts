import { type Connection, readJson } from "./connection.ts";
import { toHeadgateError } from "./errors.ts";
import { newKey, OWN_KEY, untilTaken } from "./until-taken.ts";
import type { Receipt, TaskStatus } from "./views.ts";

/** A request for the service behind Headgate, and how it is to be treated. */
export interface SubmitOptions {
  /** POST when there is a body or nothing is said. */
  readonly method?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. A stream can be sent once only, so it is not tried again. */
  readonly body?: NonNullable<RequestInit["body"]>;
  readonly headers?: NonNullable<RequestInit["headers"]>;
  /** 0 (low) to 9 (high). */
  readonly priority?: number;
  /** Not before: a duration such as `10m`. */
  readonly delay?: string;
  readonly notBefore?: Date | string;
  /** Give up when not started within, such as `1h`. */
  readonly startWithin?: string;
  /** Limit for one attempt, such as `30s`. */
  readonly timeout?: string;
  readonly maxAttempts?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Whose turn it takes. */
  readonly client?: string;
  /** URL that is told when the task has ended (Standard Webhooks). */
  readonly callback?: string;
  readonly cache?: "no-store";
  /**
   * The same key and request are the same task. It is sent on: the service must take the request once under it, too.
   * Without one, a key for Headgate alone is made, so that submitting again is safe; null for none.
   */
  readonly idempotencyKey?: string | null;
  /** Gives up submitting. */
  readonly signal?: AbortSignal | undefined;
}

export async function submit(connection: Connection, path: string, options: SubmitOptions): Promise<Receipt> {
  const init = await toRequest(options);
  const isRepeatable = !(init.body instanceof ReadableStream);
  const isKeyed = init.headers.has("Idempotency-Key") || init.headers.has(OWN_KEY);
  const outcome = await untilTaken(
    async () => {
      const response = await connection.forward(path, init);
      const id = response.headers.get("Headgate-Task-Id");
      return id === null ? { refusal: response } : { taken: await toReceipt(response, id, init.method) };
    },
    isKeyed && isRepeatable,
    options.signal,
  );
  // Also a success without a task: whatever answered there, it is no Headgate.
  if ("refusal" in outcome) throw await toHeadgateError(outcome.refusal);
  return outcome.taken;
}

/** The request as `fetch` takes it, directives as header fields. */
async function toRequest(
  options: SubmitOptions,
): Promise<RequestInit & { readonly method: string; readonly headers: Headers }> {
  const { json, signal, idempotencyKey } = options;
  const headers = new Headers(options.headers);
  const body = json === undefined ? await frozen(options.body, headers) : JSON.stringify(json);
  if (json !== undefined && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
  for (const [name, value] of directives(options)) appendTo(headers, name, value);
  // A route may wait by itself; what is wanted here is the receipt.
  headers.append("Prefer", "respond-async");
  // An answer that is packed for this connection would be kept so.
  if (!headers.has("Accept-Encoding")) headers.set("Accept-Encoding", "identity");
  if (typeof idempotencyKey === "string") headers.set("Idempotency-Key", idempotencyKey);
  else if (idempotencyKey === undefined && !headers.has("Idempotency-Key")) {
    headers.set(OWN_KEY, newKey());
  }
  return {
    method: options.method ?? "POST",
    headers,
    ...(body === undefined ? {} : { body }),
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** A form is written anew each time it is sent, with another boundary: under its key that would be another request. */
async function frozen(body: SubmitOptions["body"], headers: Headers): Promise<SubmitOptions["body"]> {
  if (!(body instanceof FormData)) return body;
  const written = new Response(body);
  headers.set("Content-Type", written.headers.get("Content-Type") ?? "");
  return written.arrayBuffer();
}

function appendTo(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch (cause) {
    throw new TypeError(`${name}: "${value}" cannot be sent as a header field.`, { cause });
  }
}

function directives(options: SubmitOptions): [string, string][] {
  const given: readonly (readonly [string, string | number | undefined])[] = [
    ["Headgate-Priority", options.priority],
    ["Headgate-Delay", options.delay],
    [
      "Headgate-Not-Before",
      options.notBefore instanceof Date ? options.notBefore.toISOString() : options.notBefore,
    ],
    ["Headgate-Start-Within", options.startWithin],
    ["Headgate-Timeout", options.timeout],
    ["Headgate-Max-Attempts", options.maxAttempts],
    ["Headgate-Client", options.client],
    ["Headgate-Callback", options.callback],
    ["Headgate-Cache", options.cache],
    ...Object.entries(options.labels ?? {}).map(
      ([key, value]) => ["Headgate-Label", `${key}=${value}`] as const,
    ),
  ];
  return given.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
}

async function toReceipt(response: Response, id: string, method: string): Promise<Receipt> {
  const isReplay = response.headers.get("Idempotent-Replayed") === "true";
  if (method.toUpperCase() === "HEAD") {
    // Its answer has no body (RFC 9110, 9.3.2).
    return { task_id: id, status: "pending", position: null, eta_seconds: null, isReplay };
  }
  const { status, data } = await readJson<{
    readonly status: TaskStatus;
    readonly data: { readonly position: number | null; readonly eta_seconds: number | null };
  }>(response);
  return { task_id: id, status, position: data.position, eta_seconds: data.eta_seconds, isReplay };
}

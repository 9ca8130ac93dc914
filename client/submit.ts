import { type Connection, discard } from "./connection.ts";
import { toHeadgateError } from "./errors.ts";
import { sleep } from "./sleep.ts";
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

const TRIES = 4;
const LONGEST_PAUSE_MS = 10_000;

/** What is not known to be refused is tried again: under its key the server takes it once. */
export async function submit(connection: Connection, path: string, options: SubmitOptions): Promise<Receipt> {
  const init = toRequest(options);
  const hasKey = init.headers.has("Idempotency-Key") || init.headers.has(OWN_KEY);
  const mayRepeat = hasKey && !(init.body instanceof ReadableStream);
  for (let attempt = 1; ; attempt++) {
    const isLast = !mayRepeat || attempt === TRIES;
    const response = await connection.forward(path, init).catch((error: unknown) => {
      if (isLast || options.signal?.aborted === true) throw error;
      return null;
    });
    if (response?.ok) return toReceipt(response);
    if (response !== null && (isLast || !PASSING.has(response.status))) throw await toHeadgateError(response);
    await discard(response);
    await sleep(pauseMs(response, attempt), options.signal);
    options.signal?.throwIfAborted();
  }
}

/** Known to Headgate alone: it does not say that the service may be sent the request twice. */
const OWN_KEY = "Headgate-Idempotency-Key";

/** Full, starting or stopping: it passes. */
const PASSING: ReadonlySet<number> = new Set([502, 503, 504]);

function pauseMs(response: Response | null, attempt: number): number {
  const asked = Number(response?.headers.get("Retry-After") ?? 0) * 1_000;
  const own = 250 * 2 ** attempt * (0.5 + Math.random() / 2);
  return Math.min(LONGEST_PAUSE_MS, Math.max(own, Number.isFinite(asked) ? asked : 0));
}

/** The request as `fetch` takes it, directives as header fields. */
export function toRequest(options: SubmitOptions): RequestInit & { readonly headers: Headers } {
  const { json, signal, idempotencyKey } = options;
  const headers = new Headers(options.headers);
  const body = json === undefined ? options.body : JSON.stringify(json);
  if (json !== undefined && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
  for (const [name, value] of directives(options)) headers.append(name, value);
  // A route may wait by itself; what is wanted here is the receipt.
  headers.append("Prefer", "respond-async");
  // An answer that is packed for this connection would be kept so.
  if (!headers.has("Accept-Encoding")) headers.set("Accept-Encoding", "identity");
  if (typeof idempotencyKey === "string") headers.set("Idempotency-Key", idempotencyKey);
  else if (idempotencyKey === undefined && !headers.has("Idempotency-Key")) {
    headers.set(OWN_KEY, crypto.randomUUID());
  }
  return {
    method: options.method ?? "POST",
    headers,
    ...(body === undefined ? {} : { body }),
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
    ...(signal === undefined ? {} : { signal }),
  };
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

async function toReceipt(response: Response): Promise<Receipt> {
  const { task_id, status, data } = (await response.json()) as {
    readonly task_id: string;
    readonly status: TaskStatus;
    readonly data: { readonly position: number | null; readonly eta_seconds: number | null };
  };
  const isReplay = response.headers.get("Idempotent-Replayed") === "true";
  return { task_id, status, position: data.position, eta_seconds: data.eta_seconds, isReplay };
}

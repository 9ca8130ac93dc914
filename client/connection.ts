import { HeadgateError, parseJson, toHeadgateError } from "./errors.ts";

export interface ConnectionOptions {
  /** Sent as `Headgate-Key`. */
  readonly key?: string;
  /** Where the server's own paths begin, when it was started with `--control-prefix`. */
  readonly controlPrefix?: string;
  /** More header fields of every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the global one. */
  readonly fetch?: typeof fetch;
}

/** What is undefined is left out. */
export type Query = Readonly<Record<string, string | number | boolean | Date | undefined>>;

export interface Call {
  readonly method?: string;
  readonly query?: Query;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * How calls reach Headgate: its own paths, and those of the service behind it. No redirect is followed: it would take the
 * key to wherever it leads.
 */
export interface Connection {
  /** A request for the service behind, as it stands; the answer whatever its status. */
  forward(path: string, init: RequestInit): Promise<Response>;
  /** A call of Headgate's own; the answer whatever its status. */
  control(path: string, call?: Call): Promise<Response>;
  /** Its JSON; throws a `HeadgateError` for what is refused. */
  json<Answer>(path: string, call?: Call): Promise<Answer>;
}

export function createConnection(baseUrl: string | URL, options: ConnectionOptions): Connection {
  const base = String(baseUrl).replace(/\/+$/, "");
  toPlace(base);
  const prefix = options.controlPrefix ?? "";
  const send = options.fetch ?? fetch;
  const standing: Readonly<Record<string, string>> = {
    ...options.headers,
    ...(options.key === undefined ? {} : { "Headgate-Key": options.key }),
  };

  function control(
    path: string,
    { method = "GET", query, json, headers, signal }: Call = {},
  ): Promise<Response> {
    return send(`${base}${prefix}${path}${toQuery(query)}`, {
      method,
      redirect: "manual",
      headers: { ...standing, ...(json === undefined ? {} : JSON_TYPE), ...headers },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  return {
    forward(path, init) {
      const headers = new Headers(init.headers);
      for (const [name, value] of Object.entries(standing)) {
        if (!headers.has(name)) headers.set(name, value);
      }
      return send(`${base}${path.startsWith("/") ? "" : "/"}${path}`, {
        ...init,
        headers,
        redirect: "manual",
      });
    },
    control,
    async json<Answer>(path: string, call?: Call) {
      const response = await control(path, call);
      if (!response.ok) throw await toHeadgateError(response);
      return readJson<Answer>(response);
    },
  };
}

/** The JSON of Headgate's own; throws a `HeadgateError` where something else has answered. */
export async function readJson<Answer>(response: Response): Promise<Answer> {
  const answer = parseJson(await response.text());
  // Whatever Headgate says has this member; the service, or another, may answer the same path with JSON, too.
  if (typeof answer === "object" && answer !== null && "success" in answer) return answer as Answer;
  const { status } = response;
  const detail = `What answered ${status} is no Headgate. Is this its base URL?`;
  throw new HeadgateError({ status, code: "unknown", detail });
}

/** Where a base URL leads; in a browser it may be relative to the page. Throws a `TypeError` for what is none. */
export function toPlace(base: string): URL {
  const { location } = globalThis as { readonly location?: { readonly href: string } };
  try {
    const place = new URL(base, location?.href);
    if (/^https?:$/.test(place.protocol)) return place;
  } catch {
    // It is no URL at all.
  }
  throw new TypeError(`"${base}" is no base URL: it begins with http:// or https://.`);
}

/** Lets go of an answer that nobody reads: unread, it would hold its connection. */
export async function discard(response: Response | null): Promise<void> {
  // It may have broken off, or been aborted: gone it is either way.
  await response?.body?.cancel().catch(() => {});
}

const JSON_TYPE = Object.freeze({ "Content-Type": "application/json" });

function toQuery(query: Query | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value instanceof Date) parameters.set(name, value.toISOString());
    else if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

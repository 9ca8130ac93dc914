import { discard } from "./connection.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 20;
/** Of the one who was asked first, as all `Headgate-…` is, and not for whoever it points to (Fetch standard, 4.4). */
const CREDENTIALS: readonly string[] = ["Authorization", "Cookie", "Proxy-Authorization", "Host"];
/** Of a body that is not sent on. */
const CONTENT_FIELDS: readonly string[] = [
  "Content-Encoding",
  "Content-Language",
  "Content-Location",
  "Content-Type",
];

type Send = (request: Request, body: ArrayBuffer | null) => Promise<Response>;

/** What `fetch` does with answers that point elsewhere, as the request's `redirect` has it (Fetch standard, 4.4). */
export async function followRedirects(
  request: Request,
  body: ArrayBuffer | null,
  send: Send,
): Promise<Response> {
  let content = body;
  let next = request;
  for (let count = 0; ; count++) {
    const response = await send(next, content);
    const isHidden = response.type === "opaqueredirect";
    if (request.redirect === "manual" || !(isHidden || REDIRECTS.has(response.status))) return response;
    const location = response.headers.get("Location");
    if (location === null && !isHidden) return response;
    await discard(response);
    if (location === null)
      throw new TypeError("The service redirects, and a browser does not show where to.");
    if (request.redirect === "error" || count === MOST_REDIRECTS) {
      throw new TypeError(request.redirect === "error" ? "The service redirects." : "Too many redirects.");
    }
    const { status } = response;
    const url = new URL(location, next.url);
    const headers = new Headers(next.headers);
    let { method } = next;
    if ((status === 303 && method !== "GET" && method !== "HEAD") || (status <= 302 && method === "POST")) {
      method = "GET";
      content = null;
      for (const name of CONTENT_FIELDS) headers.delete(name);
    }
    if (url.origin !== new URL(next.url).origin) {
      for (const name of [...headers.keys()].filter((one) => /^headgate-/i.test(one))) headers.delete(name);
      for (const name of CREDENTIALS) headers.delete(name);
    }
    next = new Request(url, { method, headers, signal: request.signal, redirect: request.redirect });
  }
}

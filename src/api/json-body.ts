import { HeadgateError } from "../lib/error.ts";
import type { ControlInstance } from "./instance.ts";

const LARGEST_BODY_BYTES = 16 * 1024;

/** Makes a scope whose routes read JSON, and nothing else; the rest of the API passes bodies over. */
export function readJson(scope: ControlInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    "application/json",
    { parseAs: "string", bodyLimit: LARGEST_BODY_BYTES },
    scope.getDefaultJsonParser("error", "error"),
  );
}

/** Read as it is, a body in a content coding (RFC 9110 8.4) would be no JSON, and its client would look for the mistake in vain. */
export function refuseEncodedBodies(app: ControlInstance): void {
  app.addHook("onRequest", async ({ headers, routeOptions }) => {
    const coding = headers["content-encoding"] ?? "identity";
    if (routeOptions.schema?.body !== undefined && coding.toLowerCase() !== "identity") throw ENCODED;
  });
}

const ENCODED = new HeadgateError(
  "unsupported_media_type",
  "The body must come as it is, in no Content-Encoding.",
  {
    field: "Content-Encoding",
    headers: { "Accept-Encoding": "identity" },
  },
);

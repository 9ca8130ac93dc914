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

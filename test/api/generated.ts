// docs/api.md from the OpenAPI document. Run this file to write it anew: node test/api/generated.ts

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ApiDocument, apiPage } from "./api-page.ts";
import { openControl } from "./control.ts";

const PATH = fileURLToPath(new URL("../../docs/api.md", import.meta.url));

export function presentPage(): string {
  return readFileSync(PATH, "utf8");
}

export async function makePage(owner: Parameters<typeof openControl>[0]): Promise<string> {
  const { app } = await openControl(owner);
  return apiPage((await app.inject("/openapi.json")).json<ApiDocument>());
}

if (import.meta.main) {
  const clean: (() => Promise<void>)[] = [];
  const owner = { after: (each: () => Promise<void>) => void clean.push(each) };
  writeFileSync(PATH, await makePage(owner as unknown as Parameters<typeof openControl>[0]));
  for (const each of clean.toReversed()) await each();
}

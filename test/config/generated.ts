// What is made from the table of options. Run this file to write it anew: node test/config/generated.ts

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { configurationPage, withOptionsTable } from "../../src/config/document.ts";
import { fileSchema } from "../../src/config/json-schema.ts";

export interface Generated {
  readonly path: string;
  /** What the file should hold, given what it holds; null when it has no place for it. */
  readonly make: (present: string) => string | null;
}

export const GENERATED: readonly Generated[] = [
  { path: "docs/configuration.md", make: configurationPage },
  { path: "docs/headgate.schema.json", make: () => `${JSON.stringify(fileSchema(), null, 2)}\n` },
  { path: "README.md", make: withOptionsTable },
];

/** What a file of the repository holds; empty when there is none. */
export function present(path: string): string {
  const full = fullPath(path);
  return existsSync(full) ? readFileSync(full, "utf8") : "";
}

function fullPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

if (import.meta.main) {
  for (const { path, make } of GENERATED) {
    const made = make(present(path));
    if (made === null) console.error(`${path}: has no <!-- options:start --> … <!-- options:end -->`);
    else writeFileSync(fullPath(path), made);
  }
}

import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuiltPages } from "../api/pages.ts";

const BUILT = fileURLToPath(new URL("../../dashboard/dist", import.meta.url));

/** Read from the disk when first asked for, and kept. */
export function createPageFiles(folder: string = BUILT): BuiltPages {
  const kept = new Map<string, Buffer>();

  async function read(path: string): Promise<Buffer | null> {
    const known = kept.get(path);
    if (known !== undefined) return known;
    const bytes = await readFile(join(folder, path)).catch(() => null);
    // What is not there may be built yet.
    if (bytes !== null) kept.set(path, bytes);
    return bytes;
  }

  return {
    html: async (name) => (await read(`${name}.html`))?.toString() ?? null,
    async asset(name, acceptsEncoding) {
      const type = TYPES[extname(name)];
      if (type === undefined || !ASSET_NAME.test(name)) return null;
      for (const [encoding, suffix] of ENCODINGS) {
        const bytes = acceptsEncoding(encoding) ? await read(`assets/${name}${suffix}`) : null;
        if (bytes !== null) return { type, encoding, bytes };
      }
      const bytes = await read(`assets/${name}`);
      return bytes && { type, encoding: null, bytes };
    },
  };
}

/** No separators: nothing outside the folder has such a name. */
const ASSET_NAME = /^[\w-]+(?:\.[\w-]+)+$/;

const ENCODINGS = Object.freeze([
  ["br", ".br"],
  ["gzip", ".gz"],
] as const);

const TYPES: Readonly<Record<string, string>> = Object.freeze({
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
});

import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The built pages (`dashboard/dist`), read from the disk when first asked for and kept. */
export interface PageFiles {
  /** A page with its placeholders; null while the pages are not built. */
  html(name: "index" | "docs"): Promise<string | null>;
  /** A file of the pages, by the name that the build gave it, in an encoding that the client takes. */
  asset(name: string, acceptsEncoding: (coding: string) => boolean): Promise<Asset | null>;
}

export interface Asset {
  readonly type: string;
  readonly encoding: "br" | "gzip" | null;
  readonly bytes: Buffer;
}

const BUILT = fileURLToPath(new URL("../../dashboard/dist", import.meta.url));

export function createPageFiles(folder: string = BUILT): PageFiles {
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

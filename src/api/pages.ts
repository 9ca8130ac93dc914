import { randomBytes } from "node:crypto";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { HeadgateError } from "../lib/error.ts";
import type { ControlInstance } from "./instance.ts";

export interface PageSettings {
  readonly pages: BuiltPages;
  readonly viewOptions: { readonly controlPrefix: string };
}

/** The built pages (`dashboard/dist`). */
export interface BuiltPages {
  /** A page with its placeholders; null while the pages are not built. */
  html(name: "index" | "docs"): Promise<string | null>;
  /** A file of the pages, by the name that the build gave it, in an encoding that the client takes. */
  asset(name: string, acceptsEncoding: (coding: string) => boolean): Promise<BuiltFile | null>;
}

export interface BuiltFile {
  readonly type: string;
  readonly encoding: "br" | "gzip" | null;
  readonly bytes: Buffer;
}

const ASSET_PARAMS = z.object({ name: z.string() });

/** The dashboard and the page of the API: files that were built before, nothing of which comes from elsewhere. */
export function addPageRoutes(app: ControlInstance, { pages, viewOptions }: PageSettings): void {
  const base = `${viewOptions.controlPrefix}/dashboard/`;

  async function sendPage(name: "index" | "docs", reply: FastifyReply): Promise<FastifyReply> {
    const html = await pages.html(name);
    if (html === null) throw NOT_BUILT;
    const nonce = randomBytes(16).toString("base64");
    return reply
      .type("text/html; charset=utf-8")
      .headers({ ...PAGE_HEADERS, "Content-Security-Policy": policy(nonce) })
      .send(html.replaceAll("%BASE%", base).replaceAll("%NONCE%", nonce));
  }

  const hidden = { schema: { hide: true }, config: { deed: "open" } } as const;
  app.get("/docs", hidden, (_request, reply) => sendPage("docs", reply));
  app.get("/dashboard", hidden, (_request, reply) => sendPage("index", reply));
  // The page itself says which view a path is.
  app.get("/dashboard/*", hidden, (_request, reply) => sendPage("index", reply));
  app.route({
    method: "GET",
    url: "/dashboard/assets/:name",
    schema: { hide: true, params: ASSET_PARAMS },
    config: { deed: "open" },
    async handler({ params, headers }, reply) {
      const accepted = headers["accept-encoding"] ?? "";
      const file = await pages.asset(params.name, (coding) => takes(accepted, coding));
      if (file === null) throw new HeadgateError("not_found", "There is no such file.");
      if (file.encoding !== null) reply.header("Content-Encoding", file.encoding);
      return reply
        .type(file.type)
        .headers(ASSET_HEADERS)
        .send(file.bytes as never);
    },
  });
}

const NOT_BUILT = new HeadgateError(
  "not_found",
  "The pages are not built here; `./start.sh install` in the checkout builds them.",
);

/**
 * Scripts and styles come from here only, and none stands in the page: what an attacker gets into a page as text stays
 * text. The nonce is for the component library's own style element.
 */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

const PAGE_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
});

/** The name of a file changes with its content. */
const ASSET_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  "Cache-Control": "public, max-age=31536000, immutable",
  Vary: "Accept-Encoding",
  "X-Content-Type-Options": "nosniff",
});

/** Whether `Accept-Encoding` names a coding, other than to refuse it. */
function takes(accepted: string, coding: string): boolean {
  return accepted.split(",").some((each) => {
    const [name = "", weight = ""] = each.trim().split(";");
    return name.trim() === coding && !/^\s*q=0(?:\.0*)?$/.test(weight);
  });
}

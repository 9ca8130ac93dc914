import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import { HeadgateError } from "../lib/error.ts";
import type { Found, Store } from "../store/store.ts";
import { ANYONE, type Caller, confinedTo, type Deed, may, owns } from "../task/caller.ts";
import type { ControlInstance } from "./instance.ts";
import { unknownTask } from "./parameters.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who calls: set before any route runs. */
    caller: Caller;
  }
  interface FastifyContextConfig {
    /** What the route does; asked before it runs. `open` is for everybody. Every route says it. */
    deed?: Deed | "open";
  }
}

/** Who takes up a place by a call, of those of which there are only so many. */
export type HolderOf = (request: IncomingMessage, caller: Caller) => string;

export interface AccessSettings {
  readonly find: Store["find"];
  /** Who calls; throws `unauthorized`. */
  readonly callerOf: (request: IncomingMessage) => Caller;
  /** Throws `cross_site` for what a page of another site has made a browser send. */
  readonly refuseForeignPages: (request: IncomingMessage) => void;
}

/**
 * Asks, before a body is read and before a route runs, who calls and whether they may. A route that does not say what it does cannot be added. What
 * lies under `/task/:id` is looked at here for all of them: somebody else's task is to a confined caller as if absent.
 */
export function guardRoutes(app: ControlInstance, settings: AccessSettings): void {
  app.decorateRequest("caller", null as never);
  app.addHook("onRoute", ({ url, config }) => {
    if (config?.deed === undefined) throw new TypeError(`The route ${url} does not say what it does.`);
  });
  app.addHook("onRequest", async (request) => {
    settings.refuseForeignPages(request.raw);
    ask(request);
  });
  // Again when the body is whole: it may have come slowly, and the key been taken away meanwhile.
  app.addHook("preHandler", async (request) => ask(request));
  app.addHook("preHandler", async ({ caller, params, routeOptions }) => {
    if (confinedTo(caller) === null || routeOptions.url?.startsWith("/task/:id") !== true) return;
    visible(await settings.find((params as { readonly id: string }).id), caller);
  });

  function ask(request: FastifyRequest): void {
    const { deed } = request.routeOptions.config;
    // Paths that are none of ours are nobody's secret.
    const isOpen = deed === undefined || deed === "open";
    request.caller = isOpen ? ANYONE : settings.callerOf(request.raw);
    if (isOpen || may(request.caller, deed)) return;
    throw new HeadgateError("forbidden", `A key with the role ${request.caller.role} may not do this.`);
  }
}

/** The task, if the caller may know of it; throws as for one that does not exist otherwise. */
export function visible(found: Found | null, caller: Caller): Found {
  if (found === null || !owns(caller, found.task.client)) throw unknownTask();
  return found;
}

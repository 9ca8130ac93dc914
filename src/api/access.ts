import { HeadgateError } from "../lib/error.ts";
import type { Found } from "../store/store.ts";
import { type Caller, type Deed, may, owns } from "../task/caller.ts";
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

/** Throws `forbidden` when a caller may not do what a route does. */
export function allow(caller: Caller, deed: Deed): void {
  if (!may(caller, deed)) {
    throw new HeadgateError("forbidden", `A key with the role ${caller.role} may not do this.`);
  }
}

/** The task, if the caller may know of it; throws as for one that does not exist otherwise. */
export function visible(found: Found | null, caller: Caller): Found {
  if (found === null || !owns(caller, found.task.client)) throw unknownTask();
  return found;
}

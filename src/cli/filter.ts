import type { TaskFilter, TaskStatus } from "../../client/views.ts";
import { createClock, toIsoTime } from "../lib/clock.ts";
import { parseDuration } from "../lib/quantity.ts";

export interface FilterFlags {
  readonly status?: TaskStatus;
  readonly route?: string;
  readonly method?: string;
  readonly path?: string;
  /** An ISO time, or so long ago. */
  readonly since?: string;
  readonly until?: string;
  readonly label?: string;
  readonly client?: string;
  readonly batch?: string;
  readonly search?: string;
}

/** What is not given is not there. */
export function toFilter(flags: FilterFlags): TaskFilter {
  const { status, route, method, path, since, until, label, client, batch, search } = flags;
  return {
    ...(status === undefined ? {} : { status }),
    ...(route === undefined ? {} : { route }),
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
    ...(since === undefined ? {} : { since: toInstant(since) }),
    ...(until === undefined ? {} : { until: toInstant(until) }),
    ...(label === undefined ? {} : { label }),
    ...(client === undefined ? {} : { client }),
    ...(batch === undefined ? {} : { batch }),
    ...(search === undefined ? {} : { q: search }),
  };
}

function toInstant(text: string): string {
  const agoMs = parseDuration(text);
  return agoMs === null ? text : toIsoTime(createClock().now() - agoMs);
}

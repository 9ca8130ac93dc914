import type { Stats, TaskFilter, TaskStatus } from "../../../../client/views.ts";

/** The filters of the list as they stand in the URL: a link to a list is the list. */
export type TaskSearch = { readonly [Name in (typeof NAMES)[number]]?: string } & {
  readonly status?: TaskStatus;
};

const NAMES = ["route", "method", "path", "label", "client", "batch", "since", "until", "q"] as const;

export const STATUSES: readonly TaskStatus[] = Object.freeze([
  "pending",
  "processing",
  "completed",
  "failed",
  "cancelled",
]);

export function readSearch(search: Readonly<Record<string, unknown>>): TaskSearch {
  const given = NAMES.flatMap((name) => {
    const value = search[name];
    // The router reads `q=12` as a number.
    return value === undefined || value === null || value === "" ? [] : [[name, toText(value)] as const];
  });
  const status = STATUSES.find((each) => each === search["status"]);
  return { ...Object.fromEntries(given), ...(status === undefined ? {} : { status }) };
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function toFilter(search: TaskSearch): TaskFilter {
  return search;
}

/** How many it finds, where that is told all the time: of all, of a lane, in one state of them. */
export function totalOf(search: TaskSearch, counts: Stats["tasks"] | null): number | null {
  const { status, route: _route, ...others } = search;
  if (counts === null || Object.keys(others).length > 0) return null;
  if (status !== undefined) return counts[status];
  return STATUSES.reduce((sum, each) => sum + counts[each], 0);
}

export function isFiltered(search: TaskSearch): boolean {
  return Object.keys(search).length > 0;
}

import type { TaskFilter, TaskStatus } from "../../../../client/views.ts";

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

export function isFiltered(search: TaskSearch): boolean {
  return Object.keys(search).length > 0;
}

import { z } from "zod";
import type { ListFilter } from "../store/store.ts";
import { type Caller, confinedTo } from "../task/caller.ts";
import { type State, STATES } from "../task/task.ts";
import { instantIn, taskIdIn, textIn } from "./parameters.ts";

const LABEL_FORM = "must be key=value, given once";

/** By what tasks are chosen: in the query of a list, and in the body of what is done to many. */
export interface Filter {
  readonly status?: State | undefined;
  readonly route?: string | undefined;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly label?: { readonly key: string; readonly value: string } | undefined;
  readonly client?: string | undefined;
  readonly batch?: string | undefined;
  readonly q?: string | undefined;
}

type Fields = {
  readonly [Name in keyof Filter]-?: z.ZodOptional<z.ZodType<Exclude<Filter[Name], undefined>, string>>;
};

export const FILTER: Fields = {
  status: z.enum(STATES, { error: `must be one of ${STATES.join(", ")}` }).optional(),
  route: textIn().optional(),
  method: textIn(32).transform(toUpperCase).optional(),
  path: textIn().optional().describe("What the path begins with."),
  since: instantIn().optional().describe("Accepted at or after."),
  until: instantIn().optional().describe("Accepted before."),
  label: z
    .string(LABEL_FORM)
    .regex(/^[^=]+=/, LABEL_FORM)
    .transform(toLabel)
    .optional()
    .describe("`key=value`"),
  client: textIn().optional(),
  batch: taskIdIn().optional().describe("Submitted together, in this batch."),
  q: textIn().optional().describe("Part of the id, of the path, or of a label as `key=value`."),
};

/** Who is confined to a client meets that one's tasks alone. Null when nothing can match: those of another were asked for. */
export function toListFilter(filter: Filter, caller: Caller): Omit<ListFilter, "limit"> | null {
  const { status, route, method, path, since, until, label, batch, q } = filter;
  const only = confinedTo(caller);
  if (only !== null && filter.client !== undefined && filter.client !== only) return null;
  const client = only ?? filter.client;
  return {
    ...(status === undefined ? {} : { state: status }),
    ...(route === undefined ? {} : { lane: route }),
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { pathPrefix: path }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(label === undefined ? {} : { label }),
    ...(client === undefined ? {} : { client }),
    ...(batch === undefined ? {} : { batch }),
    ...(q === undefined ? {} : { text: q }),
  };
}

function toUpperCase(text: string): string {
  return text.toUpperCase();
}

function toLabel(text: string): { readonly key: string; readonly value: string } {
  const equals = text.indexOf("=");
  return { key: text.slice(0, equals), value: text.slice(equals + 1) };
}

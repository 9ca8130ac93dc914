import { isDeepStrictEqual } from "node:util";
import type { Config } from "./config.ts";
import { type AnyOption, keyOf } from "./option.ts";
import { OPTIONS } from "./options.ts";
import { INHERITED } from "./routes.ts";

/** New values of these reach the routes that inherit them. */
const RELOADED: ReadonlySet<string> = new Set(INHERITED);

/** Names of the options, such as `listen-port`, whose new values come into force at the next start only. */
export function needsRestart(before: Config, after: Config): readonly string[] {
  return changedOptions(before, after)
    .filter(({ field }) => !RELOADED.has(field))
    .map(({ name }) => name);
}

/** What differs, for the log: `routes_added: ["v1-images"]`. What does not differ is left out. */
export function changesBetween(before: Config, after: Config): Readonly<Record<string, readonly string[]>> {
  const routesOf = ({ routes }: Config): ReadonlyMap<string, unknown> =>
    new Map(routes.map((route) => [route.lane.name, route]));
  const poolsOf = ({ pools }: Config): ReadonlyMap<string, unknown> =>
    new Map(pools.map((pool) => [pool.name, pool]));
  const changes = {
    ...differences("routes", routesOf(before), routesOf(after)),
    ...differences("targets", poolsOf(before), poolsOf(after)),
    ...differences("clients", before.weights, after.weights),
    ...differences("keys", byName(before.keys), byName(after.keys)),
    ...differences("endpoints", byName(before.webhooks.endpoints), byName(after.webhooks.endpoints)),
    ...differences("alerts", byName(before.alerts), byName(after.alerts)),
    options_changed: changedOptions(before, after).map((option) => keyOf(option)),
  };
  return Object.fromEntries(Object.entries(changes).filter(([, names]) => names.length > 0));
}

function byName<Named extends { readonly name: string }>(all: readonly Named[]): ReadonlyMap<string, Named> {
  return new Map(all.map((each) => [each.name, each]));
}

function changedOptions(before: Config, after: Config): readonly AnyOption[] {
  return OPTIONS.filter(({ field }) => {
    // The others are what the targets are made of.
    const inConfig = field in before;
    return inConfig && !isDeepStrictEqual(before[field as keyof Config], after[field as keyof Config]);
  });
}

function differences(
  what: string,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): Readonly<Record<string, readonly string[]>> {
  const names = [...after.keys()];
  return {
    [`${what}_added`]: names.filter((name) => !before.has(name)),
    [`${what}_removed`]: [...before.keys()].filter((name) => !after.has(name)),
    [`${what}_changed`]: names.filter(
      (name) => before.has(name) && !isDeepStrictEqual(before.get(name), after.get(name)),
    ),
  };
}

import type { Config } from "./config.ts";
import { isRecord, type Place } from "./place.ts";
import { lonePool, poolsOf } from "./pools.ts";
import { catchAllRoute, type Inherited, matchesAll, routesOf } from "./routes.ts";
import type { WrittenSections } from "./sections.ts";

/** The part of the configuration that says which requests go where, and how. */
export type Flow = Pick<Config, "pools" | "routes" | "weights">;

/** What a target of the options is called, and the route that leads to it. */
const DEFAULT = "default";

/** Makes it of the file's sections, which stand at `sections`, and of the target that the options name, if any. */
export function readFlow(
  written: WrittenSections,
  sections: Place,
  target: URL | null,
  options: Inherited,
): Flow {
  const named = sections.at("targets");
  const poolNames = isRecord(named.value) ? Object.keys(named.value) : [];
  if (target !== null && poolNames.includes(DEFAULT)) {
    named
      .at(DEFAULT)
      .holding(undefined)
      .wrong("is what the target of the options is called; choose another name");
  }
  const shared = [...poolsOf(written.targets), ...(target === null ? [] : [lonePool(DEFAULT, target)])];
  const { routes, pools } = routesOf(written.routes, {
    options,
    poolNames: target === null ? poolNames : [...poolNames, DEFAULT],
    defaultPool: target === null ? defaultOf(poolNames) : DEFAULT,
    catchAll: target === null ? null : DEFAULT,
  });
  const isTaken = routes.some(matchesAll);
  return {
    pools: [...shared, ...pools],
    routes: target === null || isTaken ? routes : [...routes, catchAllRoute(DEFAULT, options)],
    weights: new Map(written.clients.map(({ place, value }) => [place.key, value.weight])),
  };
}

/** The pool of routes that name none, when no option names a target. */
function defaultOf(poolNames: readonly string[]): string | null {
  if (poolNames.includes(DEFAULT)) return DEFAULT;
  const [only] = poolNames;
  return poolNames.length === 1 && only !== undefined ? only : null;
}

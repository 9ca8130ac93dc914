import { urlOf } from "./address.ts";
import type { Settings } from "./option.ts";
import type { Problem } from "./problem.ts";
import { type Checked, type Given, PRECEDENCE } from "./source.ts";

/** The target of the options, and those of them that another way of naming it has overridden. */
export interface ChosenTarget {
  /** Null when none is named, and when what is named is wrong. */
  readonly url: URL | null;
  readonly unused: ReadonlySet<keyof Settings>;
}

/** The strongest value of each option that has one. */
export type InForce = ReadonlyMap<keyof Settings, Checked>;

/**
 * The target is named by a URL, or by host and port. As with any option the stronger source wins, so a flag may replace
 * what the file says in either way; both ways in the same source contradict each other. None is needed where there are routes.
 */
export function chooseTarget(
  inForce: InForce,
  given: readonly Given[],
  hasRoutes: boolean,
  problems: Problem[],
): ChosenTarget {
  const target = inForce.get("target");
  const host = inForce.get("targetHost");
  const port = inForce.get("targetPort");
  if (target !== undefined && rank(host) <= rank(target)) {
    const rival = [host, port].find((other) => other !== undefined && rank(other) >= rank(target));
    if (rival === undefined)
      return { url: target.value as URL, unused: new Set(["targetHost", "targetPort"]) };
    const what = `contradicts ${target.given.written}; give either --target, or --target-host and --target-port`;
    problems.push({ where: rival.given.written, what });
    return NONE;
  }
  if (host !== undefined && port !== undefined) {
    return { url: urlOf(host.value as string, port.value as number), unused: new Set(["target"]) };
  }
  const wasNamed = given.some(({ option: { field } }) => field === "target" || field === "targetHost");
  if (wasNamed) return NONE;
  if (!hasRoutes) {
    const what =
      "is required, such as --target-host 192.168.1.100 (or give --target with a URL, or `routes` in the file)";
    problems.push({ where: "--target-host", what });
  } else if (port !== undefined && rank(port) > 0) {
    problems.push({ where: port.given.written, what: "needs --target-host" });
  }
  return NONE;
}

const NONE: ChosenTarget = Object.freeze({
  url: null,
  unused: new Set<keyof Settings>(["target", "targetHost", "targetPort"]),
});

function rank(checked: Checked | undefined): number {
  return checked === undefined ? -1 : PRECEDENCE.indexOf(checked.given.source);
}

import type { LaneConfig, RouteConfig } from "../config/config.ts";

/** The lane of a request by its method, raw target and `Host`; null when no route matches. */
export type Router = (method: string, target: string, host: string | undefined) => LaneConfig | null;

/** Those routes that a request may still belong to, by the segments of their patterns. */
interface Node {
  readonly literals: Map<string, Node>;
  /** `*`: one segment, whatever it is, that is not empty. */
  any: Node | null;
  /** Patterns that end here, and those that end in `**`: whatever follows, nothing included. */
  readonly ending: Candidate[];
  readonly open: Candidate[];
}

interface Candidate {
  /** Null for all. */
  readonly methods: ReadonlySet<string> | null;
  readonly lane: LaneConfig;
}

/**
 * Of the routes that match, the most specific: by host (named, then `*.` with the longest name, then any), by path
 * (segment by segment a literal, then `*`, then `**`), by method (named, then any), and then the first in order. One
 * that is more specific in its path and fails on the method gives way to the next.
 *
 * Paths are taken raw up to the `?`, never decoded or normalised: a target must not see another path than the one that
 * chose its route. Only whole segments are wild, and `**` only at the end.
 */
export function createRouter(routes: readonly RouteConfig[]): Router {
  const { exact, below, anywhere } = compile(routes);
  if (exact.size === 0 && below.size === 0) {
    return (method, target) => match(anywhere, target, 1, endOfPath(target), method);
  }
  return (method, target, host) => {
    const end = endOfPath(target);
    const name = hostName(host ?? "");
    const named = exact.get(name);
    const found = named && match(named, target, 1, end, method);
    if (found) return found;
    // From the longest name above it to the shortest; before the first dot there is at least a letter.
    for (let dot = name.indexOf(".", 1); dot !== -1; dot = name.indexOf(".", dot + 1)) {
      const root = below.get(name.slice(dot));
      const lane = root && match(root, target, 1, end, method);
      if (lane) return lane;
    }
    return match(anywhere, target, 1, end, method);
  };
}

interface Compiled {
  readonly exact: ReadonlyMap<string, Node>;
  /** `.example.com` for `*.example.com`. */
  readonly below: ReadonlyMap<string, Node>;
  readonly anywhere: Node;
}

function compile(routes: readonly RouteConfig[]): Compiled {
  const exact = new Map<string, Node>();
  const below = new Map<string, Node>();
  const anywhere = emptyNode();

  function rootFor(host: string): Node {
    return host.startsWith("*.") ? nodeIn(below, host.slice(1)) : nodeIn(exact, hostName(host));
  }

  // Stable, so that routes which are alike otherwise keep their order.
  for (const route of routes.toSorted((a, b) => Number(namesAll(a)) - Number(namesAll(b)))) {
    const methods = namesAll(route) ? null : withHead(route.methods);
    const candidate: Candidate = { methods, lane: route.lane };
    const roots = route.hosts.length === 0 ? [anywhere] : route.hosts.map(rootFor);
    const paths = route.paths.length === 0 ? ["/"] : route.paths;
    for (const root of roots) for (const path of paths) add(root, path, candidate);
  }
  return { exact, below, anywhere };
}

function namesAll({ methods }: RouteConfig): boolean {
  return methods.length === 0;
}

/** HEAD asks for the head of what GET would answer (RFC 9110 9.3.2). */
function withHead(methods: readonly string[]): ReadonlySet<string> {
  return new Set(methods.includes("GET") ? [...methods, "HEAD"] : methods);
}

function add(root: Node, pattern: string, candidate: Candidate): void {
  const segments = pattern === "/" ? ["**"] : pattern.slice(1).split("/");
  const isOpen = segments.at(-1) === "**";
  let node = root;
  for (const segment of isOpen ? segments.slice(0, -1) : segments) {
    node = segment === "*" ? (node.any ??= emptyNode()) : nodeIn(node.literals, segment);
  }
  (isOpen ? node.open : node.ending).push(candidate);
}

/** `from` is where the next segment begins, beyond `end` when there is none left. No deeper than the patterns are. */
function match(node: Node, target: string, from: number, end: number, method: string): LaneConfig | null {
  if (from > end) return pick(node.ending, method) ?? pick(node.open, method);
  if (node.literals.size > 0 || node.any !== null) {
    const slash = target.indexOf("/", from);
    const stop = slash === -1 || slash > end ? end : slash;
    const literal = node.literals.get(target.slice(from, stop));
    const found = literal && match(literal, target, stop + 1, end, method);
    if (found) return found;
    const lane = node.any && stop > from && match(node.any, target, stop + 1, end, method);
    if (lane) return lane;
  }
  return pick(node.open, method);
}

function pick(candidates: readonly Candidate[], method: string): LaneConfig | null {
  for (const { methods, lane } of candidates) if (methods === null || methods.has(method)) return lane;
  return null;
}

function endOfPath(target: string): number {
  const query = target.indexOf("?");
  return query === -1 ? target.length : query;
}

/** In lower case and without port, brackets and the dot of a name that is spelled out to the root. */
function hostName(host: string): string {
  const name = host.toLowerCase();
  if (name.startsWith("[")) return name.slice(1, name.indexOf("]"));
  const colon = name.indexOf(":");
  const bare = colon === -1 || name.includes(":", colon + 1) ? name : name.slice(0, colon);
  return bare.endsWith(".") ? bare.slice(0, -1) : bare;
}

function nodeIn(nodes: Map<string, Node>, key: string): Node {
  let node = nodes.get(key);
  if (node === undefined) nodes.set(key, (node = emptyNode()));
  return node;
}

function emptyNode(): Node {
  return { literals: new Map(), any: null, ending: [], open: [] };
}

// Each guard takes the sources and returns what is wrong with them, so that a test can also hand it something broken.

import { codeOf, importsOf, type Sources } from "./source.ts";

export type Guard = (sources: Sources) => readonly string[];

const STATIONS = ["intake", "dispatch", "result", "notify", "api"];

/** `config:types` allows `import type` only; `store:contract` allows the files of `CONTRACT` only. */
const AROUND_A_STATION = ["lib", "task", "config:types", "store:contract"];

/** ARCHITECTURE.md, "Layers": who may import whom. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  task: ["lib"],
  config: ["lib", "task"],
  store: ["lib", "task"],
  ...Object.fromEntries(STATIONS.map((station) => [station, AROUND_A_STATION])),
  target: ["lib", "task", "config:types"],
  server: ["lib", "task", "config", "store", ...STATIONS, "target"],
  cli: ["lib", "config", "server"],
};

/** The store as stations know it. */
const CONTRACT = /^src\/store\/(?:store|acceptance|batches|outbox|keys)\.ts$/;

/** What a folder may reach outside src. */
const OUTSIDE: Readonly<Record<string, RegExp>> = { lib: /^package\.json$/, cli: /^client\// };

export const layers: Guard = (sources) =>
  eachImport(sources, (path, { target, typeOnly }) => {
    const from = folderOf(path);
    const allowed = LAYERS[from];
    if (allowed === undefined) return `${path}: src/${from} is no layer`;
    if (!target.startsWith("src/")) {
      return OUTSIDE[from]?.test(target) ? null : `${path}: may not import ${target}, outside src`;
    }
    const to = folderOf(target);
    if (to === from || allowed.includes(to)) return null;
    if (allowed.includes(`${to}:types`)) {
      return typeOnly ? null : `${path}: may import ${target} as types only (import type)`;
    }
    if (allowed.includes(`${to}:contract`)) {
      return CONTRACT.test(target)
        ? null
        : `${path}: of the store, may import its contract only, not ${target}`;
    }
    return `${path}: ${from} may not import ${to} (${target})`;
  });

/** A driver (src/store/sqlite, …) is known to src/store/open.ts and to itself. */
export const drivers: Guard = (sources) =>
  eachImport(sources, (path, { target }) => {
    const driver = /^src\/store\/[^/]+\//.exec(target)?.[0];
    if (driver === undefined || path === "src/store/open.ts" || path.startsWith(driver)) return null;
    return `${path}: the driver ${driver} is imported by src/store/open.ts only`;
  });

export const cycles: Guard = (sources) => {
  const problems: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) {
      problems.push(`import cycle: ${[...trail.slice(start), path].join(" → ")}`);
      return;
    }
    if (done.has(path)) return;
    for (const { target, byUrl } of importsOf(path, sources.get(path) ?? "")) {
      if (target !== null && !byUrl && sources.has(target)) visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of sources.keys()) visit(path, []);
  return problems;
};

export const extensions: Guard = (sources) =>
  eachImport(sources, (path, { specifier }) =>
    /\.(?:ts|json)$/.test(specifier) ? null : `${path}: "${specifier}" does not end in .ts`,
  );

const REEXPORT = /\bexport\s+(?:type\s+)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})\s*from\s*["'] *["'];?/g;

/** No file that only passes on what others export, no `export *`, and nothing passed on from an index.ts. */
export const barrels: Guard = (sources) =>
  eachFile(sources, (path, source) => {
    const code = codeOf(source);
    const reexports = code.match(REEXPORT);
    if (reexports === null) return null;
    if (path.endsWith("/index.ts")) return `${path}: index.ts re-exports`;
    if (reexports.some((text) => text.includes("*"))) return `${path}: export * from`;
    return code.replaceAll(REEXPORT, "").trim() === "" ? `${path}: only re-exports` : null;
  });

/** The longest a file may be; what a program wrote (`@generated` in its first line) may be longer. */
export const MAX_LINES = 250;
export const lengths: Guard = (sources) =>
  eachFile(sources, (path, source) => {
    const lines = source.split("\n").length - 1;
    const generated = source.slice(0, source.indexOf("\n")).includes("@generated");
    return lines > MAX_LINES && !generated ? `${path}: ${lines} lines (at most ${MAX_LINES})` : null;
  });

export const empties: Guard = (sources) =>
  eachFile(sources, (path, source) => (codeOf(source).trim() === "" ? `${path}: holds no code` : null));

/** What the rest of the program asks one file for. */
const HOMES: readonly { readonly home: string; readonly what: string; readonly pattern: RegExp }[] = [
  { home: "src/lib/clock.ts", what: "Date.now", pattern: /\bDate\s*\.\s*now\b/ },
  { home: "src/lib/clock.ts", what: "new Date()", pattern: /\bnew\s+Date\b(?!\s*\(\s*[^\s)])/ },
  { home: "src/lib/clock.ts", what: "Date()", pattern: /(?<!new\s+)(?<![\w$.])Date\s*\(/ },
  { home: "src/lib/clock.ts", what: "performance.now", pattern: /\bperformance\s*\.\s*now\b/ },
  { home: "src/lib/clock.ts", what: "process.hrtime", pattern: /\bprocess\s*\.\s*hrtime\b/ },
  { home: "src/config/environment.ts", what: "process.env", pattern: /\bprocess\s*(?:\?\.|\.)\s*env\b/ },
  { home: "src/cli/terminal.ts", what: "console", pattern: /(?<![\w$.])console\s*(?:\?\.|\.|\[)/ },
];

export const homes: Guard = (sources) => {
  const problems: string[] = [];
  for (const [path, source] of sources) {
    const code = codeOf(source);
    for (const { home, what, pattern } of HOMES) {
      if (path !== home && pattern.test(code)) problems.push(`${path}: ${what} belongs in ${home}`);
    }
  }
  return problems;
};

function folderOf(path: string): string {
  return path.split("/")[1] ?? "";
}

type Edge = { readonly specifier: string; readonly target: string; readonly typeOnly: boolean };

/** Runs a check over every relative import of every file. */
function eachImport(sources: Sources, check: (path: string, edge: Edge) => string | null): readonly string[] {
  const problems: string[] = [];
  for (const [path, source] of sources) {
    for (const { specifier, target, typeOnly } of importsOf(path, source)) {
      const problem = target === null ? null : check(path, { specifier, target, typeOnly });
      if (problem !== null) problems.push(problem);
    }
  }
  return problems;
}

function eachFile(
  sources: Sources,
  check: (path: string, source: string) => string | null,
): readonly string[] {
  return [...sources].map(([path, source]) => check(path, source)).filter((problem) => problem !== null);
}

import { readFileSync } from "node:fs";
import { isMap, isScalar, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from "yaml";
import { toError } from "../lib/error.ts";
import { suggest } from "../lib/suggest.ts";
import { type AnyOption, keyOf } from "./option.ts";
import { OPTIONS } from "./options.ts";
import { didYouMean, type Problem, shown } from "./problem.ts";
import type { Given, Reading } from "./source.ts";

/** Options that may stand in the file, by their key there. */
const OPTION_OF_KEY: ReadonlyMap<string, AnyOption> = new Map(
  OPTIONS.filter((option) => option.notInFile !== true).map((option) => [keyOf(option), option]),
);

/** Reads a YAML file of options. `name` is how the user calls it, `path` where it is, `origin` who named it. */
export function readFile(name: string, path: string, origin: string): Reading {
  try {
    return readText(shown(name), readFileSync(path, "utf8"));
  } catch (thrown) {
    const what = `cannot be read (${toError(thrown).message})`;
    return { given: [], problems: [{ where: `${origin} ${shown(name)}`, what }] };
  }
}

/** The same for text that was read already. */
export function readText(name: string, text: string): Reading {
  const lines = new LineCounter();
  // `logLevel: error`: what the parser has to say is a problem of ours, not a warning of the process.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const where = (offset: number): string => `${name}:${lines.linePos(offset).line}`;
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return {
      given: [],
      problems: faults.map(({ pos, message }) => ({ where: where(pos[0]), what: message })),
    };
  }
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return { given: [], problems: [] };
  if (!isMap(root)) {
    const what = "must hold options, one `key: value` a line";
    return { given: [], problems: [{ where: where(root.range[0]), what }] };
  }
  return readMap(root, where, (node) => node?.toJS(document) ?? null);
}

function readMap(
  map: YAMLMap<Node, Node | null>,
  where: (offset: number) => string,
  valueOf: (node: Node | null) => unknown,
): Reading {
  const given: Given[] = [];
  const problems: Problem[] = [];
  for (const pair of map.items) {
    const origin = where(pair.key.range?.[0] ?? 0);
    const key = textOfKey(pair);
    const option = OPTION_OF_KEY.get(key);
    if (option === undefined) {
      const suggestion = suggest(key.replaceAll("-", "_"), [...OPTION_OF_KEY.keys()]);
      problems.push({ where: `${origin}: ${shown(key)}`, what: `is no option${didYouMean(suggestion)}` });
      continue;
    }
    try {
      const value = valueOf(pair.value);
      const written = `${origin}: ${key}: ${display(option, value)}`;
      given.push({ option, source: "file", origin, written, value });
    } catch (thrown) {
      // An alias without its anchor, or aliases that would grow without bound.
      problems.push({ where: `${origin}: ${key}`, what: toError(thrown).message });
    }
  }
  return { given, problems };
}

function textOfKey({ key }: Pair<Node, Node | null>): string {
  return isScalar(key) ? String(key.value) : key.toString();
}

function display(option: AnyOption, value: unknown): string {
  return shown(option.kind.show(JSON.stringify(value) ?? String(value)));
}

import { readFileSync } from "node:fs";
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { toError } from "../lib/error.ts";
import { suggest } from "../lib/suggest.ts";
import { type AnyOption, keyOf } from "./option.ts";
import { OPTIONS } from "./options.ts";
import { createPlace, type Path, type Place } from "./place.ts";
import { didYouMean, type Problem, shown } from "./problem.ts";
import { SECTION_FIELDS } from "./sections.ts";
import type { Given, Reading } from "./source.ts";

/** What a file says: options, and the sections that only it can have. */
export interface FileReading extends Reading {
  /** Targets, routes and clients, unread; what is wrong in them is added to `problems`. */
  sections(problems: Problem[]): Place;
}

/** Options that may stand in the file, by their key there. */
const OPTION_OF_KEY: ReadonlyMap<string, AnyOption> = new Map(
  OPTIONS.filter((option) => option.notInFile !== true).map((option) => [keyOf(option), option]),
);

const SECTION_KEYS: readonly string[] = SECTION_FIELDS.map(([key]) => key);

/** Reads a YAML file. `name` is how the user calls it, `path` where it is, `origin` who named it. */
export function readFile(name: string, path: string, origin: string): FileReading {
  try {
    return readText(shown(name), readFileSync(path, "utf8"));
  } catch (thrown) {
    const what = `cannot be read (${toError(thrown).message})`;
    return withoutSections([{ where: `${origin} ${shown(name)}`, what }]);
  }
}

/** What there is to read where there is no file, or nothing but problems in it. */
export function withoutSections(problems: readonly Problem[] = []): FileReading {
  return { given: [], problems, sections: (found) => createPlace({}, () => "", found) };
}

/** The same for text that was read already. */
export function readText(name: string, text: string): FileReading {
  const lines = new LineCounter();
  // `logLevel: error`: what the parser has to say is a problem of ours, not a warning of the process.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const where = (offset: number): string => `${name}:${lines.linePos(offset).line}`;
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return withoutSections(faults.map(({ pos, message }) => ({ where: where(pos[0]), what: message })));
  }
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return withoutSections();
  if (!isMap(root)) {
    const what = "must hold options, one `key: value` a line";
    return withoutSections([{ where: where(root.range[0]), what }]);
  }
  return readMap(root, where, document);
}

function readMap(
  map: YAMLMap<Node, Node | null>,
  where: (offset: number) => string,
  document: Document,
): FileReading {
  const given: Given[] = [];
  const problems: Problem[] = [];
  const sections: Record<string, unknown> = {};
  for (const pair of map.items) {
    const origin = where(pair.key.range?.[0] ?? 0);
    const key = textOfKey(pair);
    const option = OPTION_OF_KEY.get(key);
    const isSection = SECTION_KEYS.includes(key);
    if (option === undefined && !isSection) {
      const suggestion = suggest(key.replaceAll("-", "_"), [...OPTION_OF_KEY.keys(), ...SECTION_KEYS]);
      problems.push({ where: `${origin}: ${shown(key)}`, what: `is no option${didYouMean(suggestion)}` });
      continue;
    }
    try {
      const value: unknown = pair.value?.toJS(document) ?? null;
      // Fails where an alias stands for what it is a part of, which nobody could walk through.
      const text = JSON.stringify(value);
      if (option === undefined) sections[key] = value;
      else given.push(optionAt(option, value, origin, text));
    } catch (thrown) {
      // Or an alias without its anchor, or aliases that would grow without bound.
      problems.push({ where: `${origin}: ${key}`, what: toError(thrown).message });
    }
  }
  const whereIs = (path: Path): string => where(offsetOf(map, path, document));
  return { given, problems, sections: (found) => createPlace(sections, whereIs, found) };
}

function optionAt(option: AnyOption, value: unknown, origin: string, text: string): Given {
  const written = `${origin}: ${keyOf(option)}: ${shown(option.kind.show(text))}`;
  return { option, source: "file", origin, written, value };
}

/** Where what is at the path begins, its key included; of what is not there, where it would be. */
function offsetOf(root: Node, path: Path, document: Document): number {
  let offset = root.range?.[0] ?? 0;
  let node: Node | null | undefined = root;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (!isCollection(node)) return offset;
    const inside: Node | null | undefined = isMap<Node, Node | null>(node)
      ? node.items.find((pair) => textOfKey(pair) === String(key))?.key
      : (node.items[Number(key)] as Node | undefined);
    if (inside === undefined || inside === null) return offset;
    offset = inside.range?.[0] ?? offset;
    node = isMap<Node, Node | null>(node)
      ? node.items.find((pair) => textOfKey(pair) === String(key))?.value
      : inside;
  }
  return offset;
}

function textOfKey({ key }: Pair<Node, Node | null>): string {
  return isScalar(key) ? String(key.value) : key.toString();
}

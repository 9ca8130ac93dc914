import { readFileSync } from "node:fs";
import { type Document, isAlias, isCollection, isMap, isScalar, type Node, type YAMLMap } from "yaml";
import { toError } from "../lib/error.ts";
import { suggest } from "../lib/suggest.ts";
import { type AnyOption, keyOf } from "./option.ts";
import { OPTIONS } from "./options.ts";
import { createPlace, type Path, type Place } from "./place.ts";
import { didYouMean, type Problem, shown } from "./problem.ts";
import { SECTION_FIELDS } from "./sections.ts";
import type { Given, Reading } from "./source.ts";
import { missingInPair, parseYaml, textOfKey } from "./syntax.ts";

/** What a file says: options, and the sections that only it can have. */
export interface FileReading extends Reading {
  /** Something in it could not be read, so nobody knows what it says and what it does not. */
  readonly isBroken: boolean;
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
    return broken({ where: `${origin} ${shown(name)}`, what });
  }
}

/** What there is to read where there is no file, or nothing in it. */
export function nothing(): FileReading {
  return { isBroken: false, given: [], problems: [], sections: (found) => createPlace({}, () => "", found) };
}

function broken(problem: Problem): FileReading {
  return { ...nothing(), isBroken: true, problems: [problem] };
}

/** The same for text that was read already. */
export function readText(name: string, text: string): FileReading {
  const { document, lineOf, fault } = parseYaml(text);
  if (fault !== null) return broken({ where: `${name}:${fault.line}`, what: fault.what });
  const where = (offset: number): string => `${name}:${lineOf(offset)}`;
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return nothing();
  if (!isMap<Node, Node | null>(root)) {
    const what = "must hold options, one `key: value` a line";
    const hint = isScalar(root) ? missingInPair(String(root.value)) : "";
    return broken({ where: where(root.range?.[0] ?? 0), what: what + hint });
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
  let isBroken = false;
  for (const pair of map.items) {
    const origin = where(pair.key.range?.[0] ?? 0);
    const key = textOfKey(pair);
    const option = OPTION_OF_KEY.get(key);
    const isSection = SECTION_KEYS.includes(key);
    if (option === undefined && !isSection) {
      const suggestion = suggest(key.replaceAll("-", "_"), [...OPTION_OF_KEY.keys(), ...SECTION_KEYS]);
      const what = `is no option and none of ${SECTION_KEYS.join(", ")}${didYouMean(suggestion)}`;
      problems.push({ where: `${origin}: ${shown(key)}`, what });
      continue;
    }
    try {
      const value: unknown = pair.value?.toJS(document) ?? null;
      // Fails where an alias stands for what it is a part of, which nobody could walk through.
      const text = JSON.stringify(value);
      if (option === undefined) sections[key] = value;
      else given.push(optionAt(option, value, origin, text));
    } catch (thrown) {
      isBroken = true;
      // Else aliases that would grow without bound.
      const isCircular = thrown instanceof TypeError;
      const what = isCircular ? "an alias stands for what it is a part of" : toError(thrown).message;
      problems.push({ where: `${origin}: ${key}`, what });
    }
  }
  const whereIs = (path: Path): string => where(offsetOf(map, path, document));
  return { isBroken, given, problems, sections: (found) => createPlace(sections, whereIs, found) };
}

function optionAt(option: AnyOption, value: unknown, origin: string, text: string): Given {
  const at = `${origin}: ${keyOf(option)}`;
  const written = value === null ? at : `${at}: ${shown(option.kind.show(text))}`;
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

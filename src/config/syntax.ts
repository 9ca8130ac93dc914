import {
  type Alias,
  type Document,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { withoutCredentials } from "../lib/url.ts";
import { missingSpace } from "./meant.ts";
import { shown } from "./problem.ts";

export interface Parsed {
  readonly document: Document;
  lineOf(offset: number): number;
  /** Null for good YAML. */
  readonly fault: Fault | null;
}

/** What makes a text no YAML: where, and in words that follow it. */
export interface Fault {
  readonly line: number;
  readonly what: string;
}

/** Reads YAML. Of several faults the first is told: the others mostly follow from it. */
export function parseYaml(text: string): Parsed {
  const lines = new LineCounter();
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  // `logLevel: error`: what the parser has to say is a problem of ours, not a warning of the process.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  return { document, lineOf, fault: faultOf(document, text, lineOf) };
}

function faultOf(document: Document, text: string, lineOf: (offset: number) => number): Fault | null {
  const [first] = [...document.errors, ...document.warnings];
  if (first !== undefined) {
    const { code, message, pos } = first;
    const [line = ""] = text.slice(pos[0]).split("\n", 1);
    const written = shown(withoutCredentials(line.trim()));
    const slip = { document, offset: pos[0], written, message, lineOf };
    return { line: lineOf(pos[0]), what: IN_WORDS[code]?.(slip) ?? message };
  }
  const alias = loneAlias(document);
  if (alias === null) return null;
  const what = `*${alias.source}: stands for what &${alias.source} would mark; ${QUOTE_ASTERISK}`;
  return { line: lineOf(alias.range?.[0] ?? 0), what: shown(what) };
}

interface Slip {
  readonly document: Document;
  readonly offset: number;
  /** The rest of its line. */
  readonly written: string;
  readonly message: string;
  readonly lineOf: (offset: number) => number;
}

const QUOTE_ASTERISK = "put quotes around text that begins with *";

/** The slips that people make; what else there is the parser says well enough. */
const IN_WORDS: Readonly<Partial<Record<YAMLError["code"], (slip: Slip) => string>>> = {
  TAB_AS_INDENT: () => "a tab; indent with spaces",
  DUPLICATE_KEY: (slip) => twice(slip) ?? slip.message,
  MULTILINE_IMPLICIT_KEY: ({ written }) => `${written}: must be \`key: value\`${missingInPair(written)}`,
  BLOCK_AS_IMPLICIT_KEY: ({ message }) =>
    `${message} (put quotes around text with a colon and a space in it)`,
  BAD_SCALAR_START: ({ message }) => `${message} (put quotes around it)`,
  BAD_ALIAS: ({ message }) => `${message} (${QUOTE_ASTERISK})`,
  MULTIPLE_DOCS: () => "a second document begins; there can be only one",
};

/** What `key:value` or `key` lacks to be `key: value`. */
export function missingInPair(written: string): string {
  return written.includes(":") ? missingSpace(written) : "; is a colon missing?";
}

/** The parser tells where a key stands for the second time only. */
function twice({ document, offset, lineOf }: Slip): string | null {
  let what: string | null = null;
  visit(document, {
    Map(_, map) {
      const items = (map as YAMLMap<Node, Node | null>).items;
      const second = items.find(({ key }) => startOf(key) === offset);
      const first = items.find((pair) => second !== undefined && textOfKey(pair) === textOfKey(second));
      if (first === undefined || second === undefined || first === second) return undefined;
      what = `${shown(textOfKey(second))}: stands twice, in line ${lineOf(startOf(first.key))} and here`;
      return visit.BREAK;
    },
  });
  return what;
}

function startOf({ range }: Node): number {
  return range?.[0] ?? -1;
}

function loneAlias(document: Document): Alias | null {
  let lone: Alias | null = null;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      lone = alias;
      return visit.BREAK;
    },
  });
  return lone;
}

export function textOfKey({ key }: Pair<Node, Node | null>): string {
  return isScalar(key) ? String(key.value) : key.toString();
}

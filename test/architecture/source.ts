// Reads TypeScript just far enough for the guards: which words are code, and what a file imports.
// Types are stripped by no parser here, because a type import couples two files as much as any other.

import { posix } from "node:path";

/** Path from the repository root (`src/task/task.ts`) → source text. */
export type Sources = ReadonlyMap<string, string>;

export type Import = {
  readonly specifier: string;
  /** Path from the repository root when the specifier is relative, else null. */
  readonly target: string | null;
  readonly typeOnly: boolean;
  /** `new URL("./worker.ts", import.meta.url)`: loaded by another thread, not by this module. */
  readonly byUrl: boolean;
};

/** The source with comments, string contents and regular expressions blanked; same length, same lines. */
export function codeOf(source: string): string {
  const out = source.split("");
  const braces: number[] = []; // for each open `${`, how many `{` are open inside it
  let position = 0;

  const blank = (from: number, to: number): void => {
    for (let i = from; i < to && i < out.length; i++) if (out[i] !== "\n") out[i] = " ";
  };
  const skipString = (quote: string): void => {
    const start = ++position;
    while (position < source.length && source[position] !== quote && source[position] !== "\n") {
      position += source[position] === "\\" ? 2 : 1;
    }
    blank(start, position++);
  };
  const skipTemplate = (): void => {
    const start = position;
    while (position < source.length) {
      if (source[position] === "`") return blank(start, position++);
      if (source.startsWith("${", position)) {
        blank(start, position);
        position += 2;
        braces.push(0);
        return;
      }
      position += source[position] === "\\" ? 2 : 1;
    }
  };
  const skipRegularExpression = (): void => {
    const start = position++;
    let inClass = false;
    while (position < source.length && source[position] !== "\n" && (inClass || source[position] !== "/")) {
      if (source[position] === "[") inClass = true;
      if (source[position] === "]") inClass = false;
      position += source[position] === "\\" ? 2 : 1;
    }
    blank(start, ++position);
  };
  const skipComment = (end: string): void => {
    const start = position;
    const found = source.indexOf(end, position + 2);
    position = found === -1 ? source.length : found + (end === "\n" ? 0 : end.length);
    blank(start, position);
  };

  while (position < source.length) {
    const char = source[position];
    const inner = braces.length - 1;
    if (source.startsWith("//", position)) skipComment("\n");
    else if (source.startsWith("/*", position)) skipComment("*/");
    else if (char === '"' || char === "'") skipString(char);
    else if (char === "`") {
      position++;
      skipTemplate();
    } else if (char === "/" && startsExpression(out, position)) skipRegularExpression();
    else if (char === "}" && braces[inner] === 0) {
      braces.pop();
      position++;
      skipTemplate();
    } else {
      if (inner >= 0 && char === "{") braces[inner]! += 1;
      if (inner >= 0 && char === "}") braces[inner]! -= 1;
      position++;
    }
  }
  return out.join("");
}

/** Whether a `/` at this place opens a regular expression (after an operator or keyword) rather than divides. */
function startsExpression(out: readonly string[], position: number): boolean {
  const before = out
    .slice(Math.max(0, position - 40), position)
    .join("")
    .trimEnd();
  return (
    before === "" ||
    /(?:[(,=:[!&|?{};+\-*%^~<>]|\b(?:return|typeof|case|in|of|do|else|void|await|yield))$/.test(before)
  );
}

const STATEMENT =
  /(?<![\w$.])(?:import\s+(?<typeImport>type\s+(?!from\b|,))?(?:[\w$*{},\s]+?\s*from\s*)?|export\s+(?<typeExport>type\s+)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})\s*from\s*)["'](?<path> *)["']/dg;
const DYNAMIC = /(?<![\w$.])import\s*\(\s*["'](?<path> *)["']/dg;
const BY_URL = /\bnew\s+URL\(\s*["'](?<path> *)["']\s*,\s*import\.meta\.url/dg;

export function importsOf(path: string, source: string): readonly Import[] {
  const code = codeOf(source);
  const found: Import[] = [];
  const collect = (pattern: RegExp, byUrl: boolean): void => {
    for (const match of code.matchAll(pattern)) {
      const [start, end] = match.indices!.groups!["path"]!;
      const specifier = source.slice(start, end);
      const typeOnly = Boolean(match.groups?.["typeImport"] ?? match.groups?.["typeExport"]);
      if (byUrl && !specifier.endsWith(".ts")) continue;
      const relative = specifier.startsWith("./") || specifier.startsWith("../");
      const target = relative ? posix.join(posix.dirname(path), specifier) : null;
      found.push({ specifier, target, typeOnly, byUrl });
    }
  };
  collect(STATEMENT, false);
  collect(DYNAMIC, false);
  collect(BY_URL, true);
  return found;
}

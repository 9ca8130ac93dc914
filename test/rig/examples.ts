// Examples of a documentation page: the file they need, what a reader would type or run, and what is said to come back.

export interface Example {
  /** The heading it stands under. */
  readonly title: string;
  /** The YAML file; null where the page shows none. */
  readonly file: string | null;
  /** Programs that the page shows, which the file names. */
  readonly services: readonly ShownService[];
  readonly steps: readonly Step[];
}

/** A program that stands where the page says, until the example is over. */
export interface ShownService {
  readonly language: ProgramLanguage;
  readonly code: string;
  /** `http://host:port`; the port stands in the code, too. */
  readonly origin: string;
}

export type ProgramLanguage = "ts" | "python";
export type Language = "sh" | ProgramLanguage;

export interface Step {
  readonly language: Language;
  readonly code: string;
  /** What it prints, `…` standing for anything; null where the page does not say, and it only has to succeed. */
  readonly output: string | null;
}

/** A block that is not run here, and why: it is for reading, or cannot run. */
export interface Unrun {
  readonly title: string;
  readonly language: string;
  readonly text: string;
  readonly reason: string;
}

export interface Page {
  readonly examples: readonly Example[];
  readonly unrun: readonly Unrun[];
}

interface Block {
  readonly title: string;
  readonly language: string;
  readonly lines: readonly string[];
  /** The words of an HTML comment right before it. */
  readonly comment: string;
}

/**
 * What a page shows, from top to bottom. A `yaml` block begins another gateway with that file; `console` blocks (lines
 * after `$ ` are commands, the others what the command before prints), `sh`, `ts` and `python` blocks meet the one before
 * them, and shell variables last as long as it. Before a block, `<!-- not run: why -->` leaves it out, and
 * `<!-- service: http://host:port -->` makes it a program beside the next gateway. Blocks of other languages are for reading.
 */
export function readPage(page: string): Page {
  const examples: (Example & { readonly steps: Step[] })[] = [];
  const unrun: Unrun[] = [];
  let services: ShownService[] = [];
  const begin = (title: string, file: string | null): void => {
    examples.push({ title, file, services, steps: [] });
    services = [];
  };
  for (const { title, language, lines, comment } of blocksIn(page)) {
    const text = `${lines.join("\n")}\n`;
    const [, reason] = /^not run: (.+)$/.exec(comment) ?? [];
    const origin = /^service: (\S+)$/.exec(comment)?.[1];
    if (reason !== undefined) unrun.push({ title, language, text, reason });
    else if (origin !== undefined) {
      services.push({ language: language === "python" ? "python" : "ts", code: text, origin });
    } else if (language === "yaml") begin(title, text);
    else if (!isRun(language)) unrun.push({ title, language, text, reason: "for reading" });
    else {
      if (examples.length === 0) begin(title, null);
      examples.at(-1)?.steps.push(...stepsIn(language, lines));
    }
  }
  return { examples, unrun };
}

const HEADING = /^#{2,4} (.*)$/;
const FENCE = /^```(\w*)$/;
const COMMENT = /^<!-- (.*) -->$/;

function blocksIn(page: string): readonly Block[] {
  const blocks: Block[] = [];
  let title = "";
  let comment = "";
  let open: { language: string; lines: string[] } | null = null;
  for (const line of page.split("\n")) {
    const [, language] = FENCE.exec(line) ?? [];
    if (open !== null && language === undefined) open.lines.push(line);
    else if (open !== null) {
      blocks.push({ title, comment, ...open });
      open = null;
      comment = "";
    } else if (language !== undefined) open = { language, lines: [] };
    else if (line !== "") {
      title = HEADING.exec(line)?.[1] ?? title;
      comment = COMMENT.exec(line)?.[1] ?? "";
    }
  }
  return blocks;
}

type RunLanguage = Language | "console";

function isRun(language: string): language is RunLanguage {
  return ["console", "sh", "ts", "python"].includes(language);
}

function stepsIn(language: RunLanguage, lines: readonly string[]): readonly Step[] {
  if (language === "console") {
    return typedIn(lines).map(({ code, output }) => ({ language: "sh", code, output }));
  }
  return [{ language, code: `${lines.join("\n")}\n`, output: null }];
}

function typedIn(lines: readonly string[]): readonly Pick<Step, "code" | "output">[] {
  const typed: { code: string; output: string }[] = [];
  for (const line of lines) {
    const last = typed.at(-1);
    if (line.startsWith("$ ")) typed.push({ code: line.slice(2), output: "" });
    else if (last?.code.endsWith("\\") === true) last.code = last.code.slice(0, -1) + line.trim();
    else if (last !== undefined) last.output += `${line}\n`;
  }
  return typed;
}

/** Whether a command printed what the page says. */
export function agrees(printed: string, said: string): boolean {
  const pieces = said
    .trim()
    .split("…")
    .map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${pieces.join("[^]*")}$`).test(printed.trim());
}

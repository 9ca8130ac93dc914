// Examples of a documentation page: the file they need, the commands a reader would type, and what is said to come back.

export interface Example {
  /** The heading it stands under. */
  readonly title: string;
  /** The YAML file. */
  readonly file: string;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly command: string;
  /** What it prints; `…` stands for anything. */
  readonly output: string;
}

const HEADING = /^#{2,4} (.*)$/;
const FENCE = /^```(\w*)$/;

/**
 * The examples of a page: under one heading a `yaml` block and then `console` blocks, whose lines after `$ ` are
 * commands and whose other lines what the command before prints.
 */
export function examplesIn(page: string): readonly Example[] {
  const examples: { title: string; file: string; steps: Step[] }[] = [];
  let title = "";
  let language: string | null = null;
  let block: string[] = [];
  for (const line of page.split("\n")) {
    const fence = FENCE.exec(line);
    if (fence === null) {
      if (language !== null) block.push(line);
      else title = HEADING.exec(line)?.[1] ?? title;
    } else if (language === null) {
      language = fence[1] ?? "";
      block = [];
    } else {
      if (language === "yaml") examples.push({ title, file: `${block.join("\n")}\n`, steps: [] });
      if (language === "console") examples.at(-1)?.steps.push(...stepsIn(block));
      language = null;
    }
  }
  return examples;
}

function stepsIn(lines: readonly string[]): readonly Step[] {
  const steps: { command: string; output: string }[] = [];
  for (const line of lines) {
    const last = steps.at(-1);
    if (line.startsWith("$ ")) steps.push({ command: line.slice(2), output: "" });
    else if (last?.command.endsWith("\\") === true) last.command = last.command.slice(0, -1) + line.trim();
    else if (last !== undefined) last.output += `${line}\n`;
  }
  return steps;
}

/** Whether a command printed what the page says. */
export function agrees(printed: string, said: string): boolean {
  const pieces = said
    .trim()
    .split("…")
    .map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${pieces.join("[^]*")}$`).test(printed.trim());
}

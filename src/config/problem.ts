/** Something wrong in the configuration, said where the user wrote it. */
export interface Problem {
  /** The option and its value as written: `--max-concurrent 0`, `HEADGATE_STORE=disk`, `headgate.yaml:3: store: "disk"`. */
  readonly where: string;
  /** What is wrong and what is allowed. */
  readonly what: string;
}

/** Every problem of a configuration at once, so that one round of corrections is enough. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ where, what }) => `${where}: ${what}`).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

const LONGEST_SHOWN = 200;

/** A value in a message: on one line, printable, and not too long. */
export function shown(text: string): string {
  const cut = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  // Control characters could drive the terminal that shows the message.
  return /[\p{Cc}\p{Zl}\p{Zp}]/u.test(cut) ? JSON.stringify(cut) : cut;
}

/** " (did you mean x?)", or nothing. */
export function didYouMean(suggestion: string | null): string {
  return suggestion === null ? "" : `; did you mean ${suggestion}?`;
}

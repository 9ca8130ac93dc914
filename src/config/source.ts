import type { AnyOption } from "./option.ts";
import type { Problem } from "./problem.ts";

/** Where a value comes from, the stronger the later in `PRECEDENCE`. */
export type SourceKind = "default" | "file" | "environment" | "flag";

export const PRECEDENCE: readonly SourceKind[] = Object.freeze(["default", "file", "environment", "flag"]);

/** A value for an option as one source gives it, not yet checked. */
export interface Given {
  readonly option: AnyOption;
  readonly source: SourceKind;
  /** Where the user wrote it: `--store`, `HEADGATE_STORE`, `headgate.yaml:3`. */
  readonly origin: string;
  /** Origin, name and value as the user wrote them, for messages. */
  readonly written: string;
  /** As it would stand in the file. */
  readonly value: unknown;
}

/** What one source says. */
export interface Reading {
  readonly given: readonly Given[];
  readonly problems: readonly Problem[];
}

/** A value that passed its check. */
export interface Checked {
  readonly given: Given;
  readonly value: unknown;
}

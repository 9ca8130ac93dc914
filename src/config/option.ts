import type { Config } from "./config.ts";
import type { Kind } from "./kind.ts";

/** The value of every option, before a target URL is made of host and port and the log format follows the terminal. */
export interface Settings extends Omit<Config, FromSections | "logFormat"> {
  readonly target: URL | null;
  readonly targetHost: string | null;
  readonly targetPort: number;
  readonly logFormat: Config["logFormat"] | null;
  readonly config: string | null;
}

/** What only the sections of the file say. */
export type FromSections = "pools" | "routes" | "weights" | "webhooks" | "alerts" | "keys" | "secretHeaders";

/** All there is to say about an option: flag, variable, key in the file, `--help` and documentation are made from it. */
export interface Option<Field extends keyof Settings = keyof Settings> {
  /** The flag without its dashes. */
  readonly name: string;
  readonly field: Field;
  readonly kind: Kind<NonNullable<Settings[Field]>>;
  /** As a flag would give it; null when there is none, and then `unset` says what follows. */
  readonly default: string | null;
  readonly unset?: string;
  readonly text: string;
  readonly example: string;
  /** Named by the founding document: name and default stay as they are. */
  readonly seed?: true;
  /** Makes no sense inside the file. */
  readonly notInFile?: true;
}

/** An option of each field, each with the kind that its field asks for. */
export type AnyOption = { readonly [Field in keyof Settings]-?: Option<Field> }[keyof Settings];

/** `--max-concurrent` */
export function flagOf(option: Option): string {
  return `--${option.name}`;
}

/** `HEADGATE_MAX_CONCURRENT` */
export function variableOf(option: Option): string {
  return VARIABLE_PREFIX + keyOf(option).toUpperCase();
}

/** `max_concurrent`, in the file. */
export function keyOf(option: Option): string {
  return option.name.replaceAll("-", "_");
}

export const VARIABLE_PREFIX = "HEADGATE_";

/** The default in words. */
export function defaultText(option: Option): string {
  if (option.unset !== undefined) return option.unset;
  return option.default === null || option.default === "" ? "none" : option.default;
}

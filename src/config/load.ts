import { resolve } from "node:path";
import type { Config } from "./config.ts";
import type { Environment } from "./environment.ts";
import { type FileReading, nothing, readFile } from "./file.ts";
import { type Flow, readFlow } from "./flow.ts";
import { judge } from "./kind.ts";
import { type Notices, readNotices } from "./notices.ts";
import type { AnyOption, FromSections, Option, Settings } from "./option.ts";
import { OPTIONS } from "./options.ts";
import type { Place } from "./place.ts";
import { ConfigError, type Problem } from "./problem.ts";
import { readSections } from "./sections.ts";
import type { Checked, Given } from "./source.ts";
import { chooseTarget, type InForce } from "./target.ts";
import { type Flags, readEnvironment, readFlags } from "./text-sources.ts";

export interface Surroundings {
  readonly flags: Flags;
  readonly environment: Environment;
  /** Where relative paths begin. */
  readonly cwd: string;
  /** Whether logs go to a terminal. */
  readonly terminal: boolean;
}

export interface Loaded {
  readonly config: Config;
  /** What is in force for each option, in the order of the table. */
  readonly effective: readonly Effective[];
  /** The file that was read, as an absolute path. */
  readonly file: string | null;
}

/** The value in force for an option, in words, and where the user wrote it. */
export interface Effective {
  readonly option: AnyOption;
  /** Null when the option has no value. */
  readonly text: string | null;
  readonly origin: string;
}

/**
 * Merges flags, environment, file and defaults, the first one that names an option winning, and checks all of them.
 * Throws a `ConfigError` with every problem; a value that another one overrides is checked as well.
 */
export function loadConfig({ flags, environment, cwd, terminal }: Surroundings): Loaded {
  const named = readFlags(flags);
  const variables = readEnvironment(environment);
  const path = namedFile([...variables.given, ...named], cwd);
  const file = path?.reading ?? nothing();
  const all = [...defaults(), ...file.given, ...variables.given, ...named];
  const problems: Problem[] = [...variables.problems, ...file.problems];
  const inForce = new Map<keyof Settings, Checked>();
  for (const given of all) {
    const value = check(given, problems);
    if (value !== undefined) inForce.set(given.option.field, { given, value });
  }
  // What would seem to be missing may stand in it.
  if (file.isBroken) throw new ConfigError(problems);
  const sections = file.sections(problems);
  const target = chooseTarget(inForce, all, hasRoutes(sections), problems);
  const options = settingsOf(inForce);
  const written = readSections(sections);
  const flow = readFlow(written, sections, target.url, options);
  const lanes = flow.routes.map(({ lane }) => lane.name);
  const notices = readNotices(written, sections, lanes);
  if (problems.length > 0) throw new ConfigError(problems);
  const config = settle(options, flow, notices, cwd, terminal);
  return { config, effective: describe(inForce, config, target.unused), file: path?.path ?? null };
}

/** An empty list of routes leads nowhere. */
function hasRoutes(sections: Place): boolean {
  const { value } = sections.at("routes");
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

function defaults(): readonly Given[] {
  return OPTIONS.flatMap((option) => {
    if (option.default === null) return [];
    const value = option.kind.fromText(option.default);
    return [{ option, source: "default", origin: "default", written: option.name, value }];
  });
}

/** The file that `--config` names, or else its variable. */
function namedFile(
  given: readonly Given[],
  cwd: string,
): { readonly path: string; readonly reading: FileReading } | null {
  const named = given.findLast(({ option }) => option.field === "config");
  if (named === undefined) return null;
  const name = String(named.value);
  const path = resolve(cwd, name);
  return { path, reading: readFile(name, path, named.origin) };
}

/** The value, or undefined after adding to `problems`. */
function check({ option, written, value }: Given, problems: Problem[]): unknown {
  const verdict = judge((option as Option).kind, value);
  if (verdict.flaw === null) return verdict.value;
  problems.push({ where: written, what: `${value === null ? "has no value; " : ""}must ${verdict.flaw}` });
  return undefined;
}

/** Fields that something else of the configuration is made of. */
const INTERMEDIATE: ReadonlySet<keyof Settings> = new Set(["target", "targetHost", "targetPort", "config"]);

type Flat = Omit<Config, FromSections | "logFormat"> & Pick<Settings, "logFormat">;

function settingsOf(inForce: InForce): Flat {
  const fields = OPTIONS.map(({ field }) => field).filter((field) => !INTERMEDIATE.has(field));
  // Every value was checked by the schema of its own option, which the table's type ties to the field.
  return Object.fromEntries(
    fields.map((field) => [field, inForce.get(field)?.value ?? null]),
  ) as unknown as Flat;
}

function settle(options: Flat, flow: Flow, notices: Notices, cwd: string, terminal: boolean): Config {
  return Object.freeze({
    ...options,
    ...flow,
    ...notices,
    dataDir: resolve(cwd, options.dataDir),
    keyFile: options.keyFile === null ? null : resolve(cwd, options.keyFile),
    logFormat: options.logFormat ?? (terminal ? "pretty" : "json"),
  });
}

function describe(
  inForce: InForce,
  config: Config,
  unused: ReadonlySet<keyof Settings>,
): readonly Effective[] {
  return OPTIONS.map((option: AnyOption) => {
    const { field, kind } = option as Option;
    const checked = unused.has(field) ? undefined : inForce.get(field);
    const value = field in config ? config[field as keyof Config] : checked?.value;
    const text = value === undefined || value === null ? null : kind.toText(value as never);
    return { option, text, origin: checked?.given.origin ?? "default" };
  });
}

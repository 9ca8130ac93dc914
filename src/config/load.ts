import { resolve } from "node:path";
import type { Config } from "./config.ts";
import type { Environment } from "./environment.ts";
import { readFile } from "./file.ts";
import { defaultPool, defaultRoute } from "./flow.ts";
import type { AnyOption, Option, Settings } from "./option.ts";
import { OPTIONS } from "./options.ts";
import { ConfigError, type Problem } from "./problem.ts";
import type { Checked, Given, Reading } from "./source.ts";
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
  const file = readNamedFile([...variables.given, ...named], cwd);
  const all = [...defaults(), ...file.given, ...variables.given, ...named];
  const problems: Problem[] = [...variables.problems, ...file.problems];
  const inForce = new Map<keyof Settings, Checked>();
  for (const given of all) {
    const value = check(given, problems);
    if (value !== undefined) inForce.set(given.option.field, { given, value });
  }
  const target = chooseTarget(inForce, all, problems);
  if (target === null || problems.length > 0) throw new ConfigError(problems);
  const config = settle(inForce, target.url, cwd, terminal);
  return { config, effective: describe(inForce, config, target.unused) };
}

function defaults(): readonly Given[] {
  return OPTIONS.flatMap((option) => {
    if (option.default === null) return [];
    const value = option.kind.fromText(option.default);
    return [{ option, source: "default", origin: "default", written: option.name, value }];
  });
}

/** The file that `--config` names, or else its variable. */
function readNamedFile(given: readonly Given[], cwd: string): Reading {
  const named = given.findLast(({ option }) => option.field === "config");
  if (named === undefined) return { given: [], problems: [] };
  const name = String(named.value);
  return readFile(name, resolve(cwd, name), named.origin);
}

/** The value, or undefined after adding to `problems`. */
function check({ option, written, value }: Given, problems: Problem[]): unknown {
  const result = (option as Option).kind.schema.safeParse(value);
  if (result.success) return result.data;
  const flaw = result.error.issues.find(({ code }) => code === "custom")?.message;
  problems.push({ where: written, what: `must ${flaw ?? `be ${option.kind.allowed}`}` });
  return undefined;
}

/** Fields that something else of the configuration is made of. */
const INTERMEDIATE: ReadonlySet<keyof Settings> = new Set([
  "target",
  "targetHost",
  "targetPort",
  "logFormat",
  "config",
]);

function settle(inForce: InForce, target: URL, cwd: string, terminal: boolean): Config {
  const fields = OPTIONS.map(({ field }) => field).filter((field) => !INTERMEDIATE.has(field));
  // Every value was checked by the schema of its own option, which the table's type ties to the field.
  const settings = Object.fromEntries(
    fields.map((field) => [field, inForce.get(field)?.value]),
  ) as unknown as Omit<Config, "pools" | "routes" | "weights" | "logFormat">;
  const logFormat = inForce.get("logFormat")?.value as Config["logFormat"] | undefined;
  return Object.freeze({
    ...settings,
    pools: [defaultPool(target)],
    routes: [defaultRoute(settings)],
    weights: new Map(),
    dataDir: resolve(cwd, settings.dataDir),
    logFormat: logFormat ?? (terminal ? "pretty" : "json"),
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
    const text = value === undefined ? null : kind.toText(value as never);
    return { option, text, origin: checked?.given.origin ?? "default" };
  });
}

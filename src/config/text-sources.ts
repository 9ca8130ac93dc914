import { suggest } from "../lib/suggest.ts";
import { CLIENT_VARIABLES, type Environment } from "./environment.ts";
import { type AnyOption, flagOf, VARIABLE_PREFIX, variableOf } from "./option.ts";
import { OPTIONS } from "./options.ts";
import { didYouMean, type Problem, shown } from "./problem.ts";
import type { Given, Reading } from "./source.ts";

/** Values of flags by the option's name, as the command line gave them. */
export type Flags = ReadonlyMap<string, string>;

export function readFlags(flags: Flags): readonly Given[] {
  return OPTIONS.flatMap((option) => {
    const text = flags.get(option.name);
    if (text === undefined) return [];
    const flag = flagOf(option);
    return [
      { ...valueOf(option, text), source: "flag", origin: flag, written: `${flag} ${display(option, text)}` },
    ];
  });
}

const OPTION_OF_VARIABLE: ReadonlyMap<string, AnyOption> = new Map(
  OPTIONS.map((option) => [variableOf(option), option]),
);

const OF_CLIENTS: ReadonlySet<string> = new Set(Object.values(CLIENT_VARIABLES));

export function readEnvironment(environment: Environment): Reading {
  const given: Given[] = [];
  const problems: Problem[] = [];
  for (const [name, text] of Object.entries(environment)) {
    // Compose files and shells pass a variable that they do not know as an empty one.
    if (!name.startsWith(VARIABLE_PREFIX) || text === undefined || text === "") continue;
    const option = OPTION_OF_VARIABLE.get(name);
    if (option !== undefined) {
      const written = `${name}=${display(option, text)}`;
      given.push({ ...valueOf(option, text), source: "environment", origin: name, written });
    } else if (!OF_CLIENTS.has(name) && !isServiceLink(name, text)) {
      problems.push({ where: shown(name), what: `is no option${didYouMean(similarVariable(name))}` });
    }
  }
  return { given, problems };
}

function similarVariable(name: string): string | null {
  // The prefix is common to all and would make any two of them look alike.
  const bare = (variable: string): string => variable.slice(VARIABLE_PREFIX.length);
  const similar = suggest(bare(name), [...OPTION_OF_VARIABLE.keys()].map(bare));
  return similar === null ? null : VARIABLE_PREFIX + similar;
}

/**
 * Kubernetes tells every pod about every service of its namespace by variables. For a service named `headgate` they
 * begin like ours: HEADGATE_SERVICE_HOST, HEADGATE_PORT=tcp://…, HEADGATE_PORT_8080_TCP_ADDR.
 */
function isServiceLink(name: string, text: string): boolean {
  if (/_SERVICE_(?:HOST|PORT(?:_\w+)?)$/.test(name) || /_PORT_\d+_(?:TCP|UDP|SCTP)/.test(name)) return true;
  return name.endsWith("_PORT") && /^(?:tcp|udp|sctp):\/\//.test(text);
}

function valueOf(option: AnyOption, text: string): Pick<Given, "option" | "value"> {
  return { option, value: option.kind.fromText(text) };
}

function display(option: AnyOption, text: string): string {
  return shown(option.kind.show(text));
}

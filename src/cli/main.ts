import { isatty } from "node:tty";
import { environment } from "../config/environment.ts";
import { type Loaded, loadConfig } from "../config/load.ts";
import { ConfigError } from "../config/problem.ts";
import { type Flags, readEnvironment } from "../config/text-sources.ts";
import { check } from "./check.ts";
import { ExitCode } from "./exit-code.ts";
import { runProgram } from "./program.ts";
import { flush, notify } from "./terminal.ts";

const STANDARD_OUTPUT = 1;
const WHERE_TO_LOOK =
  "(docs/configuration.md explains every option and field; headgate --help lists the options)";

const exitCode = await runProgram(process.argv.slice(2), {
  isConfigured: () => readEnvironment(environment()).given.length > 0,
  check: async (flags) => withConfig(flags, check),
  // The server and all it needs are loaded only when it runs, so that --help, check and mistakes answer quickly.
  serve: (flags) =>
    withConfig(flags, async (loaded) => (await import("./serve.ts")).serve(loaded, () => load(flags))),
});
await flush();
// What a command left open must not keep the process alive.
process.exit(exitCode);

async function withConfig(
  flags: Flags,
  run: (loaded: Loaded) => ExitCode | Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await run(load(flags));
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    notify(explain(thrown));
    return ExitCode.usage;
  }
}

function load(flags: Flags): Loaded {
  return loadConfig({
    flags,
    environment: environment(),
    cwd: process.cwd(),
    terminal: isatty(STANDARD_OUTPUT),
  });
}

function explain({ problems }: ConfigError): string {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  const lines = problems.map(({ where, what }) => `  ${where}: ${what}`);
  return [`headgate: ${count} in the configuration:`, ...lines, WHERE_TO_LOOK].join("\n");
}

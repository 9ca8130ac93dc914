import { Argument, Command, CommanderError, Help, Option as FlagOption } from "commander";
import { type AnyOption, defaultText, flagOf } from "../config/option.ts";
import { OPTIONS } from "../config/options.ts";
import type { Flags } from "../config/text-sources.ts";
import { VERSION } from "../lib/version.ts";
import { completionScript, type Shell, SHELLS } from "./completion.ts";
import { addDemoCommand } from "./demo/command.ts";
import { ExitCode } from "./exit-code.ts";
import { addOperatorCommands } from "./operator-commands.ts";
import { addTaskCommands } from "./task-commands.ts";
import { print } from "./terminal.ts";

export interface Actions {
  serve(flags: Flags): Promise<ExitCode>;
  check(flags: Flags): Promise<ExitCode>;
  /** Whether the environment says anything about the server. */
  isConfigured(): boolean;
}

/** Reads the arguments after the program's name and runs the command they name; `serve` when they begin with an option. */
export async function runProgram(args: readonly string[], actions: Actions): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.ok;
  const program = createProgram(actions, (code) => {
    exitCode = code;
  });
  try {
    if (args.length === 0 && !actions.isConfigured()) program.help({ error: true });
    await program.parseAsync(withCommand(args), { from: "user" });
    return exitCode;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    // Commander has already said what is wrong, or printed the help that was asked for.
    return thrown.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  }
}

const OWN_FLAGS: ReadonlySet<string> = new Set(["-h", "--help", "-V", "--version"]);

function withCommand(args: readonly string[]): readonly string[] {
  const [first] = args;
  const isCommand = first !== undefined && (!first.startsWith("-") || OWN_FLAGS.has(first));
  return isCommand ? args : ["serve", ...args];
}

function createProgram(actions: Actions, end: (exitCode: ExitCode) => void): Command {
  const program = new Command("headgate")
    .description("Puts a durable queue in front of any HTTP service.")
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError("(headgate --help lists the options)")
    .commandsGroup("The server:");
  const serve = program
    .command("serve")
    .description("accept requests, keep them, forward them; the command when none is named")
    .action(async () => end(await actions.serve(flagsOf(serve))));
  const check = program
    .command("check")
    .description("check the configuration without starting, and say what is in force")
    .action(async () => end(await actions.check(flagsOf(check))));
  addDemoCommand(program, end);
  for (const command of [serve, check]) {
    for (const option of OPTIONS) command.addOption(flagOption(option));
    command.addHelpText("after", OTHER_WAYS);
  }
  addTaskCommands(program, end);
  addOperatorCommands(program, end);
  addCompletionCommand(program);
  // Most people run no command but serve, so its options belong on the first page of help.
  return program.addHelpText("after", OTHER_WAYS).configureHelp({
    visibleOptions(command) {
      return [...Help.prototype.visibleOptions.call(this, command), ...serve.options];
    },
  });
}

function addCompletionCommand(program: Command): void {
  program
    .commandsGroup("Besides:")
    .helpCommand("help [command]", "what a command does and takes")
    .command("completion")
    .description("print what teaches a shell these commands: source <(headgate completion bash)")
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .action((shell: Shell) => print(completionScript(shell, program)));
}

const OTHER_WAYS = `
Every option can also be an environment variable (--max-concurrent: HEADGATE_MAX_CONCURRENT) or stand in the
file of --config (max_concurrent: 50). A flag wins over a variable, a variable over the file.

Exit codes: 0 stopped as asked, 1 failed, 2 wrong command line or configuration, 74 the disk failed,
            130 and 143 ended at once by a second SIGINT or SIGTERM. Commands about tasks: 0 completed, 1 failed,
            3 no Headgate there, 4 refused, 5 cancelled, 6 not ended (in time), 7 no room now, 130 Ctrl-C.`;

const OPTIONS_HEADING = "Options of serve and check:";

function flagOption(option: AnyOption): FlagOption {
  const description = `${option.text} (default: ${defaultText(option)})`;
  return new FlagOption(`${flagOf(option)} ${option.kind.metavar}`, description).helpGroup(OPTIONS_HEADING);
}

/** A flag without its optional value stands for `true`. */
function flagsOf(command: Command): Flags {
  const values = command.opts<Readonly<Record<string, string | true>>>();
  return new Map(
    command.options.flatMap((flag) => {
      const text = values[flag.attributeName()];
      return text === undefined ? [] : [[flag.name(), String(text)] as const];
    }),
  );
}

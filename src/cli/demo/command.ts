import { type Command, InvalidArgumentError, Option } from "commander";
import type { Language } from "../../lib/language.ts";
import { parseDuration } from "../../lib/quantity.ts";
import type { ExitCode } from "../exit-code.ts";

/** `headgate demo` and its options. */
export function addDemoCommand(program: Command, end: (exitCode: ExitCode) => void): void {
  program
    .command("demo")
    .description("show Headgate at work before a service that is made up; nothing of it stays")
    .option("--tour", "every feature, step by step: the call, the answer, what happened")
    .option("--fast", "with --tour: no pauses between the steps")
    .option("--for <duration>", "end after this time, such as 30s (default: at Ctrl-C)", toDuration)
    .option("--port <n>", "where to listen (default: 8080, or any other when that is taken)", toPort)
    .addOption(new Option("--locale <en|zh>", "language of the tour").choices(["en", "zh"]).default("en"))
    .action(async (given: Given) => {
      const { tour = false, fast = false, for: forMs = null, port = null, locale } = given;
      end(await (await import("./demo.ts")).demo({ tour, fast, forMs, port, locale }));
    });
}

/** As commander hands them over. */
interface Given {
  readonly tour?: boolean;
  readonly fast?: boolean;
  readonly for?: number;
  readonly port?: number;
  readonly locale: Language;
}

function toDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms === 0) throw new InvalidArgumentError("It must be a duration such as 30s.");
  return ms;
}

function toPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidArgumentError("It must be a port: a whole number from 0 to 65535.");
  }
  return port;
}

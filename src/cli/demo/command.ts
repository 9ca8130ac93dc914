import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../../lib/quantity.ts";
import type { ExitCode } from "../exit-code.ts";
import type { DemoFlags } from "./demo.ts";

/** `headgate demo`. */
export function addDemoCommand(program: Command, end: (exitCode: ExitCode) => void): void {
  program
    .command("demo")
    .description("a slow service, the gateway and a trickle of requests, all on this machine, to look at")
    .option("--tour", "show every feature in the terminal, one after the other, and end")
    .option("--fast", "a tour without time to read")
    .option("--for <time>", "end by itself after this time, such as 30s", time)
    .addOption(new Option("--locale <locale>", "language").choices(["en", "zh"]).default("en"))
    .action(async (flags: DemoFlags) => end(await (await import("./demo.ts")).demo(flags)));
}

function time(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError("It is a duration such as 30s or 5m.");
  return ms;
}

import type { Effective, Loaded } from "../config/load.ts";
import { ExitCode } from "./exit-code.ts";
import { print } from "./terminal.ts";

/** `headgate check`: the configuration was loaded, so it is right; says what is in force. */
export function check({ effective }: Loaded): ExitCode {
  print(report(effective));
  return ExitCode.ok;
}

/** One line for each option: name, value, and where the value comes from. */
function report(effective: readonly Effective[]): string {
  const rows = effective.map(({ option, text, origin }) => [option.name, value(text), origin] as const);
  const widthOf = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  const [nameWidth, valueWidth] = [widthOf(0), widthOf(1)];
  return rows
    .map(([name, text, origin]) => `${name.padEnd(nameWidth)}  ${text.padEnd(valueWidth)}  ${origin}`)
    .join("\n");
}

function value(text: string | null): string {
  return text === null || text === "" ? "-" : text;
}

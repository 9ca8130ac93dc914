import type { Effective, Loaded } from "../config/load.ts";
import { alertRows, endpointRows, keyRows } from "../config/notices-overview.ts";
import { clientRows, concurrencyText, isPlain, routeRows, targetRows } from "../config/overview.ts";
import { ExitCode } from "./exit-code.ts";
import { table } from "./table.ts";
import { print } from "./terminal.ts";

/** `headgate check`: the configuration was loaded, so it is right; says what is in force. */
export function check({ effective, config }: Loaded): ExitCode {
  const { webhooks, alerts, keys, weights } = config;
  const tables = [
    optionRows(effective),
    ...(isPlain(config) ? [[["sends", concurrencyText(config)]]] : [routeRows(config), targetRows(config)]),
    ...(weights.size === 0 ? [] : [clientRows(config)]),
    ...(keys.length === 0 ? [] : [keyRows(config)]),
    ...(webhooks.endpoints.length === 0 && webhooks.secret === null ? [] : [endpointRows(config)]),
    ...(alerts.length === 0 ? [] : [alertRows(config)]),
  ];
  print(tables.map((rows) => table(rows)).join("\n\n"));
  return ExitCode.ok;
}

/** One line for each option: name, value, and where the value comes from. */
function optionRows(effective: readonly Effective[]): readonly (readonly string[])[] {
  return effective.map(({ option, text, origin }) => [
    option.name,
    text === null || text === "" ? "-" : text,
    origin,
  ]);
}

// A gateway, its target, and the commands of somebody who works with them.

import { headgate, MAIN } from "../cli/running.ts";
import { type Gateway, type Owner, startGateway } from "./gateway.ts";
import { type OnTerminal, onTerminal } from "./pty.ts";
import { type ScriptedTarget, startTarget } from "./target.ts";

export interface Commands {
  readonly target: ScriptedTarget;
  readonly gateway: Gateway;
  readonly environment: Readonly<Record<string, string>>;
  headgate(...args: readonly string[]): ReturnType<typeof headgate>;
  onTerminal(...args: readonly string[]): OnTerminal;
}

/** One request at a time, so that a second one waits. */
export async function startCommands(owner: Owner): Promise<Commands> {
  const target = await startTarget();
  owner.after(() => target.close());
  const gateway = await startGateway(owner, { target: target.url, args: ["--max-concurrent", "1"] });
  const environment = { HEADGATE_URL: gateway.url.origin };
  return {
    target,
    gateway,
    environment,
    headgate: (...args) => headgate(args, environment),
    onTerminal: (...args) => onTerminal(owner, [process.execPath, MAIN, ...args], environment),
  };
}

// Programs of examples/, started by the command that stands at their top.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Owner } from "./gateway.ts";
import { patiently } from "./patience.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface Program {
  /** Everything it has printed so far. */
  readonly output: string;
  /** Resolves when it has printed this; rejects when it ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<number | null>;
}

/** `path` is below examples/. It is gone when the owner is over, with all it has started. */
export function startProgram(owner: Owner, path: string, environment: NodeJS.ProcessEnv): Program {
  const child = spawn("/bin/sh", ["-c", commandOf(path)], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    // The pinned Node, and the Python that has Debian's packages.
    env: {
      ...process.env,
      PATH: `${join(ROOT, "node_modules/.bin")}:/usr/bin:${process.env["PATH"]}`,
      PYTHONDONTWRITEBYTECODE: "1",
      PYTHONUNBUFFERED: "1",
      ...environment,
    },
    // A group of its own, for the shell may have started others.
    detached: true,
  });
  const ended = once(child, "close").then(([code]) => code as number | null);
  let output = "";
  let more = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      more.resolve();
      more = Promise.withResolvers();
    });
  }
  const kill = (): void => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, "SIGKILL");
  };
  process.once("exit", kill);
  owner.after(async () => {
    process.off("exit", kill);
    kill();
    await ended;
  });
  return {
    get output() {
      return output;
    },
    ended,
    async printed(pattern) {
      for (;;) {
        const found = pattern.exec(output);
        if (found !== null) return found;
        const isOver = await patiently(
          Promise.race([more.promise, ended.then(() => true)]),
          () => `${pattern} from examples/${path}. It has printed:\n${output}`,
        );
        if (isOver === true && !pattern.test(output)) {
          throw new Error(`examples/${path} ended without ${pattern}:\n${output}`);
        }
      }
    },
  };
}

/** The line of its first comment that begins with `$`. */
export function commandOf(path: string): string {
  const [, command] = /^\W*\$ (.+)$/m.exec(readFileSync(join(ROOT, "examples", path), "utf8")) ?? [];
  if (command === undefined) throw new Error(`examples/${path} does not say how it is run`);
  return command;
}

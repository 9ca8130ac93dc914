// A program on a terminal, by script(1) of util-linux: what it looks like to somebody who sits there.

import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Owner } from "./gateway.ts";
import { patiently } from "./patience.ts";

export interface OnTerminal {
  /** Everything on the screen so far, escape sequences and all. */
  readonly output: string;
  /** Resolves when it has shown this; rejects when it ends before. */
  shows(text: string | RegExp): Promise<void>;
  type(keys: string): void;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
}

export const CTRL_C = "\u0003";

/** `args` hold nothing that a shell would take for more than a word. */
export function onTerminal(
  owner: Owner,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  size: { readonly columns: number; readonly rows: number } = { columns: 80, rows: 24 },
): OnTerminal {
  const command = args.map((word) => `'${word}'`).join(" ");
  const line = `stty cols ${size.columns} rows ${size.rows}; exec ${command}`;
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    env: { PATH: process.env["PATH"], TERM: "xterm", SHELL: "/bin/sh", ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  let onMore: () => void = () => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    onMore();
  });
  child.stdin.on("error", () => {});
  const ended = once(child, "close").then(([code]: (number | null)[]) => {
    onMore();
    return code ?? null;
  });
  owner.after(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    get output() {
      return output;
    },
    async shows(text) {
      while (!(typeof text === "string" ? output.includes(text) : text.test(output))) {
        if (child.exitCode !== null) throw new Error(`It ended without ${text}. It showed:\n${output}`);
        const more = new Promise<void>((resolve) => (onMore = resolve));
        await patiently(more, () => `${text} on the terminal. It shows:\n${output}`);
      }
    },
    type: (keys) => void child.stdin.write(keys),
    ended,
  };
}

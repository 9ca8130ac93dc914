// Does what a reader of a page does: types its commands, runs its programs.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Language, ShownService, Step } from "./examples.ts";
import type { Gateway, Owner } from "./gateway.ts";
import { PYTHON, type Service, startProgram } from "./service.ts";

export interface Ran {
  readonly code: number | null;
  readonly printed: string;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CLIENT = pathToFileURL(join(ROOT, "client/index.ts")).href;
const LONGEST_MS = 120_000;

/** Runs a step beside a gateway, in its data folder; `rename` puts this machine's names in the place of the page's. */
export async function runStep(
  { language, code }: Step,
  gateway: Gateway,
  rename: (text: string) => string,
): Promise<Ran> {
  const text = rename(code.replaceAll("localhost:8080", gateway.url.host));
  const [program, ...args] = await commandFor(language, text, gateway.dataDir);
  const child = spawn(program, args, {
    cwd: gateway.dataDir,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LONGEST_MS,
    env: {
      ...process.env,
      PATH: [join(ROOT, "bin"), dirname(process.execPath), process.env["PATH"]].join(delimiter),
      HEADGATE_URL: gateway.url.href,
      PYTHONPATH: join(ROOT, "clients/python"),
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (printed += piece));
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (printed += piece));
  const [exitCode] = (await once(child, "close")) as [number | null];
  // As a terminal shows it.
  return { code: exitCode, printed: printed.replaceAll("\r\n", "\n") };
}

/** Starts a program that a page shows, on a port of its own. */
export function startShown(owner: Owner, { language, code, origin }: ShownService): Promise<Service> {
  const { port: said } = new URL(origin);
  const isPython = language === "python";
  return startProgram(
    owner,
    isPython ? "service.py" : "service.ts",
    (port) => code.replaceAll(said, String(port)),
    (file) =>
      isPython
        ? ["/usr/bin/env", `PYTHONPATH=${join(ROOT, "clients/python")}`, PYTHON, file]
        : [process.execPath, file],
  );
}

type Command = readonly [program: string, ...args: string[]];

async function commandFor(language: Language, text: string, folder: string): Promise<Command> {
  switch (language) {
    case "sh":
      return ["/bin/sh", "-c", rememberingVariables(text)];
    case "ts": {
      const file = join(folder, "example.ts");
      await writeFile(file, text.replaceAll('"@headgate/client"', JSON.stringify(CLIENT)));
      return [process.execPath, file];
    }
    case "python":
      return [PYTHON, "-c", text];
    default:
      return language satisfies never;
  }
}

/** Each step is a shell of its own, but for the reader they are one. */
function rememberingVariables(text: string): string {
  return `set -a; [ ! -f .variables ] || . ./.variables\ntrap 'set >.set; grep -E "^(TASK|BATCH|KEY)[A-Z_]*=" .set >.variables; rm -f .set' EXIT\n${text}`;
}

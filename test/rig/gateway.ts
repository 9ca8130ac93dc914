// The real program as a child process: what users start, and what can be killed.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { patiently } from "./patience.ts";

export interface GatewayOptions {
  /** Left out when the file says where requests go. */
  readonly target?: URL | string;
  /** The text of the file of --config. */
  readonly file?: string;
  /** Further command line arguments; they win over those that the rig gives. */
  readonly args?: readonly string[];
  /** Kept afterwards when given; else a fresh one that is removed. */
  readonly dataDir?: string;
  /** The checkout to run: another one for a mutant. */
  readonly root?: string;
  /** A file that the program loads first. */
  readonly preload?: URL;
  /** What to run the program with, such as strace. */
  readonly wrapper?: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Gateway {
  /** Where the present process listens. */
  readonly url: URL;
  readonly pid: number;
  readonly dataDir: string;
  /** Everything written by all processes so far: log lines on standard output, words for people on standard error. */
  readonly output: string;
  /** Log lines of all processes so far. */
  readonly log: readonly LogLine[];
  /** Resolves when the present process has ended. */
  readonly exited: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  /** Writes another file of --config, which the running process notices by itself. */
  rewrite(file: string): Promise<void>;
  /** Starts the next process on the same data folder; the one before must have ended. Resolves when it is ready. */
  restart(options?: Partial<Pick<GatewayOptions, "args" | "wrapper">>): Promise<void>;
  /** The same without waiting until it is ready. */
  spawn(options?: Partial<Pick<GatewayOptions, "args" | "wrapper">>): void;
  /** Resolves when the present process is ready; rejects when it ends before. */
  ready(): Promise<void>;
}

export type LogLine = Readonly<Record<string, unknown>> & {
  readonly level: number | string;
  readonly msg: string;
};

/** Whoever ends last cleans up: a test context, or `{ after }` of node:test for a whole file. */
export interface Owner {
  after(clean: () => Promise<void>): void;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const LISTENING = /listens on +(http:\S+)/;
const FILE = "headgate.yaml";
const READY_WITHIN_MS = 60_000;

/** Starts it and resolves when it is ready. The process is gone and its data removed when the owner is over. */
export async function startGateway(owner: Owner, options: GatewayOptions): Promise<Gateway> {
  const gateway = await prepareGateway(owner, options);
  gateway.spawn();
  await gateway.ready();
  return gateway;
}

/** Nothing runs yet: for those who want to see the start fail, or to kill it half-way. */
export async function prepareGateway(owner: Owner, options: GatewayOptions): Promise<Gateway> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "headgate-e2e-")));
  if (options.file !== undefined) await writeFile(join(dataDir, FILE), options.file);
  let output = "";
  let life: Life | null = null;
  owner.after(async () => {
    life?.kill("SIGKILL");
    await life?.exited;
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  });

  function present(): Life {
    if (life === null) throw new Error("The gateway was not started.");
    return life;
  }

  function start({
    args = options.args ?? [],
    wrapper = options.wrapper ?? [],
  }: Partial<GatewayOptions> = {}): void {
    const command = commandLine({ ...options, args, wrapper }, dataDir);
    life = startLife(command, wrapper.length > 0, (text) => (output += text));
  }

  async function ready(): Promise<void> {
    await becomeReady(present(), () => output);
  }

  return {
    get url() {
      const { url } = present();
      if (url === null) throw new Error("The gateway does not listen yet.");
      return url;
    },
    get pid() {
      return present().child.pid!;
    },
    dataDir,
    get output() {
      return output;
    },
    get log() {
      return output
        .split("\n")
        .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as LogLine] : []));
    },
    get exited() {
      return patiently(present().exited, () => `the end of the process. It said:\n${output}`);
    },
    kill: (signal) => present().kill(signal),
    rewrite: (file) => writeFile(join(dataDir, FILE), file),
    spawn: start,
    ready,
    async restart(changes) {
      await present().exited;
      start(changes);
      await ready();
    },
  };
}

/** One process. */
interface Life {
  readonly child: ChildProcess;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<Ended>;
  readonly listening: Promise<void>;
  url: URL | null;
}

function startLife(
  [command = "", ...args]: readonly string[],
  isWrapped: boolean,
  onOutput: (text: string) => void,
): Life {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] },
    // A group of its own: what a wrapper runs does not end with it.
    detached: isWrapped,
  });
  const listening = Promise.withResolvers<void>();
  const exited = once(child, "close").then(([code, signal]: (number | string | null)[]): Ended => {
    process.off("exit", killChild);
    listening.resolve();
    return { code: code as Ended["code"], signal: signal as Ended["signal"] };
  });
  function kill(signal: NodeJS.Signals): void {
    if (!isWrapped) child.kill(signal);
    else if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, signal);
  }
  const life: Life = { child, kill, exited, listening: listening.promise, url: null };
  // If this process ends first, nobody is left to clean up.
  const killChild = (): void => kill("SIGKILL");
  process.on("exit", killChild);
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", onOutput);
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    onOutput(text);
    if (life.url !== null) return;
    const url = LISTENING.exec((said += text))?.[1];
    if (url === undefined) return;
    life.url = new URL(url);
    listening.resolve();
  });
  return life;
}

function commandLine(
  { target, file, args = [], root = ROOT, preload, wrapper = [] }: GatewayOptions,
  dataDir: string,
): readonly string[] {
  const given = new Set(args);
  const standard = [
    "--listen-host",
    "127.0.0.1",
    "--listen-port",
    "0",
    "--log-format",
    "json",
    "--min-free-disk",
    "0",
  ];
  const defaults = standard.flatMap((word, i) =>
    i % 2 === 0 && !given.has(word) ? [word, standard[i + 1]!] : [],
  );
  const first = preload === undefined ? [] : ["--import", preload.href];
  const program = [process.execPath, ...first, join(root, "src/cli/main.ts"), "serve"];
  const where = target === undefined ? [] : ["--target", String(target)];
  const config = file === undefined ? [] : ["--config", join(dataDir, FILE)];
  return [...wrapper, ...program, ...where, ...config, "--data-dir", dataDir, ...defaults, ...args];
}

async function becomeReady(life: Life, output: () => string): Promise<void> {
  const late = AbortSignal.timeout(READY_WITHIN_MS);
  await Promise.race([life.listening, once(late, "abort")]);
  while (
    life.url !== null &&
    !late.aborted &&
    life.child.exitCode === null &&
    life.child.signalCode === null
  ) {
    const answer = await fetch(new URL("/readyz", life.url), { signal: late }).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
  }
  throw new Error(`The gateway did not become ready. It said:\n${output()}`);
}

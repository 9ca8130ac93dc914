// Services that nobody here wrote, run as they are installed on this machine.

import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Owner } from "./gateway.ts";

/** Debian's, for which the packages below are installed. */
export const PYTHON = "/usr/bin/python3";
const NGINX = "/usr/sbin/nginx";

export interface Service {
  readonly url: URL;
}

/** Why a service cannot be run here; false when it can. For the `skip` of a test. */
export function missing(
  service:
    | "python"
    | "pytest"
    | "nginx"
    | "fastapi"
    | "jq"
    | "sqlite3"
    | "systemd"
    | "script"
    | "zsh"
    | "fish",
): string | false {
  switch (service) {
    case "python":
      return !existsSync(PYTHON) && "apt-get install python3";
    case "pytest":
      return (
        !["httpx", "pytest"].every((name) => existsSync(`/usr/lib/python3/dist-packages/${name}`)) &&
        "apt-get install python3-httpx python3-pytest"
      );
    case "nginx":
      return !existsSync(NGINX) && "apt-get install nginx-light";
    case "fastapi":
      return (
        !existsSync("/usr/lib/python3/dist-packages/fastapi") &&
        "apt-get install python3-fastapi python3-uvicorn"
      );
    case "jq":
      return !(existsSync("/usr/bin/jq") && existsSync("/usr/bin/curl")) && "apt-get install curl jq";
    case "sqlite3":
      return !existsSync("/usr/bin/sqlite3") && "apt-get install sqlite3";
    case "systemd":
      return !existsSync("/usr/bin/systemd-analyze") && "systemd is not installed";
    case "zsh":
    case "fish":
      return !existsSync(`/usr/bin/${service}`) && `apt-get install ${service}`;
    case "script":
      return !existsSync("/usr/bin/script") && "apt-get install bsdutils";
    default:
      return service satisfies never;
  }
}

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** `python3 -m http.server` on a folder with these files. */
export async function startFileServer(owner: Owner, files: Files): Promise<Service> {
  const folder = await folderWith(owner, files);
  return startOn(owner, folder, (port) => [PYTHON, "-m", "http.server", String(port), "--bind", "127.0.0.1"]);
}

/** A FastAPI application under uvicorn; `source` defines `app`. */
export async function startFastApi(owner: Owner, source: string): Promise<Service> {
  const folder = await folderWith(owner, { "service.py": source });
  return startOn(owner, folder, (port) => [
    PYTHON,
    "-m",
    "uvicorn",
    "service:app",
    "--port",
    String(port),
    "--log-level",
    "warning",
  ]);
}

/** A program of one file, made for the port that it is to listen on. */
export async function startProgram(
  owner: Owner,
  name: string,
  codeFor: (port: number) => string,
  commandFor: (file: string) => readonly string[],
): Promise<Service> {
  const folder = await folderWith(owner, {});
  return startOn(owner, folder, async (port) => {
    await writeFile(join(folder, name), codeFor(port));
    return commandFor(join(folder, name));
  });
}

export async function startNginx(owner: Owner, files: Files): Promise<Service> {
  const folder = await folderWith(owner, files);
  await mkdir(join(folder, "tmp"));
  return startOn(owner, folder, async (port) => {
    await writeFile(join(folder, "nginx.conf"), nginxConfig(folder, port));
    return [NGINX, "-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")];
  });
}

function nginxConfig(folder: string, port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/tmp/${name};`,
  );
  return `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr; events {}
    http { access_log off; ${temporary.join(" ")}
      server { listen 127.0.0.1:${port}; root ${folder}; location = /teapot { return 418 "short and stout"; } } }`;
}

type Command = (port: number) => readonly string[] | Promise<readonly string[]>;

async function startOn(owner: Owner, cwd: string, commandFor: Command): Promise<Service> {
  const port = await freePort();
  const [program = "", ...args] = await commandFor(port);
  const child = spawn(program, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(child, "close");
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  owner.after(async () => {
    process.off("exit", kill);
    kill();
    await ended;
  });
  const url = new URL(`http://127.0.0.1:${port}`);
  await untilItAnswers(url, () => (child.exitCode === null ? null : `${program} ended: ${said}`));
  return { url };
}

async function untilItAnswers(url: URL, failure: () => string | null): Promise<void> {
  for (;;) {
    const answer = await fetch(url).catch(() => null);
    await answer?.body?.cancel();
    if (answer !== null) return;
    const reason = failure();
    if (reason !== null) throw new Error(reason);
    await delay(20);
  }
}

async function folderWith(owner: Owner, files: Files): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "headgate-service-"));
  owner.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

/**
 * A port that is free now and stays so, as far as it is up to the system: it gives those above to whoever connects or
 * does not care. One that connects again and again to such a port where nobody listens may even meet itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./process.ts";

const debian = [
  { file: "/usr/bin/wrk", name: "wrk" },
  { file: "/usr/bin/redis-server", name: "redis-server" },
  { file: "/usr/sbin/nginx", name: "nginx-light" },
  { file: "/usr/bin/strace", name: "strace" },
  ...["fastapi", "uvicorn", "httpx", "uvloop", "httptools"].map((module) => ({
    file: `/usr/lib/python3/dist-packages/${module}/__init__.py`,
    name: `python3-${module}`,
  })),
];

/** Installs what the peers and the load need and this machine lacks; `folder` is the one with their package.json. */
export async function installMissing(folder: string, log: string): Promise<void> {
  const missing = debian.filter(({ file }) => !existsSync(file)).map(({ name }) => name);
  if (missing.length > 0) {
    await run("apt-get", ["update"], log);
    await run("apt-get", ["install", "-y", "--no-install-recommends", ...missing], log);
  }
  const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  if (Object.keys(dependencies).some((name) => !existsSync(join(folder, "node_modules", name)))) {
    // Not ci: it refuses the lock where the registry lacks BullMQ's optional binaries for other platforms.
    await run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder], log);
  }
}

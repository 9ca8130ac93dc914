import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../config/load.ts";
import type { Language } from "../../lib/language.ts";
import { createLog } from "../../server/log.ts";
import { startServer } from "../../server/server.ts";
import { gatewayFile } from "./gateway-file.ts";
import { type Inbox, openInbox } from "./inbox.ts";
import { type DemoService, startService } from "./service.ts";

/** A real gateway before services that are made up, in a folder that is removed at the end. */
export interface Stage {
  readonly url: string;
  readonly file: string;
  readonly workers: readonly DemoService[];
  readonly partner: DemoService;
  readonly inbox: Inbox;
  /** Resolves when the disk fails. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}

/** `port` null is 8080, or any other when that is taken. */
export async function setStage(port: number | null, locale: Language): Promise<Stage> {
  const after: (() => Promise<unknown>)[] = [];
  async function stop(): Promise<void> {
    for (const end of after.splice(0).toReversed()) await end();
  }
  async function service(name: string): Promise<DemoService> {
    const started = await startService(name);
    after.push(started.unplug);
    return started;
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), "headgate-demo-"));
    after.push(() => rm(folder, { recursive: true, force: true }));
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    const inbox = await openInbox(secret);
    after.push(inbox.close);
    const workers = [await service("worker-1"), await service("worker-2")];
    const partner = await service("partner");
    const file = join(folder, "headgate.yaml");
    const settings = {
      port: port ?? ((await isFree(USUAL_PORT)) ? USUAL_PORT : 0),
      dataDir: join(folder, "data"),
      locale,
      workers: workers.map(({ url }) => url),
      partner: partner.url,
      inbox: inbox.url,
      secret,
    };
    await writeFile(file, gatewayFile(settings));
    // What the user has set for a gateway of his own is not for this one.
    const { config } = loadConfig({
      flags: new Map([["config", file]]),
      environment: {},
      cwd: folder,
      terminal: false,
    });
    const server = await startServer(config, createLog(config));
    after.push(server.stop);
    return { url: server.url, file, workers, partner, inbox, failed: server.failed, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

const USUAL_PORT = 8080;

function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

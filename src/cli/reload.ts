import type { Logger } from "pino";
import { changesBetween } from "../config/changes.ts";
import type { Loaded } from "../config/load.ts";
import type { Problem } from "../config/problem.ts";
import { type ConfigWatch, watchConfig } from "../config/watch.ts";
import { createClock } from "../lib/clock.ts";
import type { RunningServer } from "../server/server.ts";

export interface FollowSettings {
  readonly loaded: Loaded;
  /** Reads everything anew; throws a `ConfigError`. */
  readonly load: () => Loaded;
  readonly starting: Promise<Pick<RunningServer, "reload">>;
  readonly log: Logger;
}

/** Reloads the configuration when its file changes and on SIGHUP, from the moment that the server has started. */
export function followConfig({ loaded, load, starting, log }: FollowSettings): { stop(): void } {
  let inForce = loaded.config;
  let isStopped = false;
  let watching: ConfigWatch | null = null;

  async function apply({ config }: Loaded): Promise<void> {
    const late = await starting.then((server) => server.reload(config));
    log.info(changesBetween(inForce, config), "configuration reloaded");
    inForce = config;
    if (late.length > 0)
      log.warn({ options: late }, "these options have changed: restart to put them into force");
  }

  function reject(problems: readonly Problem[]): void {
    for (const { where, what } of problems) log.error({ where }, `configuration: ${where}: ${what}`);
    log.error({ problems: problems.length }, "configuration not reloaded: what was in force stays so");
  }

  async function onHangUp(): Promise<void> {
    // Before the start is over there is nothing to put it into; if that fails, the process ends anyway.
    await starting.catch(() => null);
    if (isStopped) return;
    if (watching === null) log.warn("SIGHUP: there is no file to read again, as no --config names one");
    else await watching.reload();
  }

  // Listened to until the end: its default would end the process at once, also in the middle of draining.
  process.on("SIGHUP", () => void onHangUp());
  if (loaded.file !== null) {
    watching = watchConfig({
      path: loaded.file,
      load,
      apply,
      onRejected: reject,
      onUnwatched: (error) => log.error(error, "configuration file not watched: SIGHUP reads it again"),
      onError: (error) => log.error(error, "configuration not reloaded"),
      clock: createClock(),
    });
  }
  return {
    stop() {
      isStopped = true;
      watching?.stop();
    },
  };
}

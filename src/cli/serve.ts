import { flushCompileCache } from "node:module";
import closeWithGrace from "close-with-grace";
import type { Logger } from "pino";
import { environment } from "../config/environment.ts";
import type { Loaded } from "../config/load.ts";
import { HeadgateError, toError } from "../lib/error.ts";
import { createLog, flushLog } from "../server/log.ts";
import { type RunningServer, startServer } from "../server/server.ts";
import { startTelemetry, type Telemetry } from "../server/telemetry.ts";
import { banner } from "./banner.ts";
import { ExitCode } from "./exit-code.ts";
import { followConfig } from "./reload.ts";
import { notify } from "./terminal.ts";

/**
 * `headgate serve`: runs until a signal ends the process (with 0, or at once with 130 or 143 when a second one comes),
 * the start fails, or the disk does. `load` reads the configuration again.
 */
export async function serve(loaded: Loaded, load: () => Loaded): Promise<ExitCode> {
  // What is stored is nobody else's business, also in a folder that others may enter.
  process.umask(0o077);
  const { config } = loaded;
  const log = createLog(config);
  // First: the server asks once whether anybody listens to its spans.
  const telemetry = await startTelemetry(environment(), (words) => log.warn(words));
  const starting = startServer(config, log);
  const following = followConfig({ loaded, load, starting, log });
  const signals = stopOnSignal(starting, following.stop, telemetry, log);
  try {
    const server = await starting;
    if (config.logLevel !== "silent") notify(banner(config, server));
    // Now, because a process that is killed writes no cache at its end.
    flushCompileCache();
    const failure = await server.failed;
    signals.uninstall();
    return await endWith(ExitCode.disk, "the disk failed", failure, log);
  } catch (thrown) {
    signals.uninstall();
    const isDisk = thrown instanceof HeadgateError && thrown.code === "storage_failed";
    return endWith(isDisk ? ExitCode.disk : ExitCode.failure, "cannot start", toError(thrown), log);
  }
}

async function endWith(exitCode: ExitCode, what: string, failure: Error, log: Logger): Promise<ExitCode> {
  log.fatal(failure, what);
  await flushLog(log);
  const cause = failure.cause === undefined ? "" : ` (${toError(failure.cause).message})`;
  notify(`headgate: ${what}: ${failure.message}${cause}`);
  return exitCode;
}

type Signals = ReturnType<typeof closeWithGrace>;

/** The first signal lets running attempts finish; a signal during the start is served as soon as the start is over. */
function stopOnSignal(
  starting: Promise<RunningServer>,
  stopFollowing: () => void,
  telemetry: Telemetry | null,
  log: Logger,
): Signals {
  return closeWithGrace(
    {
      // `--drain-timeout` is the server's to keep.
      delay: false,
      logger: false,
      skip: [...OTHER_SIGNALS, "beforeExit"],
      onSecondSignal: (signal) =>
        process.exit(signal === "SIGINT" ? ExitCode.interrupted : ExitCode.terminated),
    },
    async ({ err, signal }) => {
      stopFollowing();
      if (err === undefined) {
        log.info({ signal }, "stopping; a second signal ends at once");
        await stop(starting, log);
        await telemetry?.stop();
      } else {
        // Nothing is sure about the program's state any more, and everything accepted is on disk: end at once.
        log.fatal(err, "a fault of the program; stopping, unfinished tasks go on at the next start");
      }
      await flushLog(log);
      if (err !== undefined) notify(`headgate: a fault of the program: ${toError(err).stack}`);
    },
  );
}

async function stop(starting: Promise<RunningServer>, log: Logger): Promise<void> {
  const server = await starting.catch(() => null);
  try {
    await server?.stop();
  } catch (thrown) {
    log.fatal(toError(thrown), "could not stop cleanly");
    await flushLog(log);
    process.exit(ExitCode.failure);
  }
}

/**
 * SIGHUP reads the configuration again. The others are left to their defaults: most of them mean that the process is
 * broken, and a core dump says more than a clean end.
 */
const OTHER_SIGNALS = [
  "SIGHUP",
  "SIGQUIT",
  "SIGILL",
  "SIGTRAP",
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGSEGV",
  "SIGUSR2",
] as const;

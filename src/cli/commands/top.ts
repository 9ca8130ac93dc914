import { setTimeout as delay } from "node:timers/promises";
import type { Headgate } from "../../../client/client.ts";
import { createClock } from "../../lib/clock.ts";
import { toError } from "../../lib/error.ts";
import { type ConnectionFlags, UsageError, withHeadgate, wordsFor } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { harmless } from "../harmless.ts";
import { openScreen } from "../screen.ts";
import { isTerminal } from "../terminal.ts";
import { drawTop, type TopView } from "../top-screen.ts";
import { fit } from "../width.ts";

export interface TopFlags extends ConnectionFlags {
  /** Milliseconds. */
  readonly interval: number;
}

/** More than fit on a screen. */
const MOST_TASKS = 100;

/** `headgate top`: how things stand, again and again, until q or Ctrl-C. */
export function top(flags: TopFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate, url) => {
    if (!isTerminal()) throw new UsageError("top wants a terminal; headgate stats says it once");
    // The first look before the screen changes: what is refused is said where it can be read.
    let view = await look(headgate, url);
    let lost: string | null = null;
    using screen = openScreen();
    while (!screen.left.aborted) {
      const [first = "", ...lines] = drawTop(view, screen.size());
      screen.draw([lost ?? first, ...lines]);
      await delay(flags.interval, undefined, { signal: screen.left }).catch(() => {});
      try {
        view = await look(headgate, url);
        lost = null;
      } catch (thrown) {
        // A server that is started anew comes back.
        lost = fit(harmless(wordsFor(toError(thrown), url)), screen.size().columns);
      }
    }
    return ExitCode.ok;
  });
}

async function look(headgate: Headgate, url: string): Promise<TopView> {
  const [stats, running, waiting] = await Promise.all([
    headgate.stats(),
    headgate.page({ status: "processing" }, { limit: MOST_TASKS }),
    headgate.page({ status: "pending" }, { limit: MOST_TASKS }),
  ]);
  return { url, stats, running: running.tasks, waiting: waiting.tasks, now: createClock().now() };
}

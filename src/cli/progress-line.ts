import { isFinal, type TaskView } from "../../client/views.ts";
import { createClock } from "../lib/clock.ts";
import { bar, span } from "./amounts.ts";
import { progressOf, standing } from "./outcome.ts";
import { hint, isWatched, notify } from "./terminal.ts";
import { fit } from "./width.ts";

export interface ProgressLine {
  show(task: TaskView): void;
  /** Leaves nothing behind on a terminal. */
  [Symbol.dispose](): void;
}

export const SILENT: ProgressLine = Object.freeze({ show() {}, [Symbol.dispose]() {} });

const BAR_WIDTH = 24;
/** Of a terminal that does not say how wide it is. */
const NARROW_COLUMNS = 80;
const TICK_MS = 250;
const ERASE = "\r\u001B[K";

/** Tells how a task gets on while somebody waits: one line that is written over; without a terminal a line for each change. */
export function progressLine(): ProgressLine {
  return isWatched() ? overwritten(process.stderr.columns || NARROW_COLUMNS) : linePerChange();
}

function overwritten(columns: number): ProgressLine {
  const clock = createClock();
  const startedMs = clock.monotonicMs();
  let latest: TaskView | null = null;

  // The time goes on where nothing else does.
  const timer = setInterval(draw, TICK_MS);

  function draw(): void {
    if (latest === null) return;
    const elapsed = span(Math.floor((clock.monotonicMs() - startedMs) / 1_000));
    hint(ERASE + fit(lineFor(latest, elapsed), columns - 1));
  }

  return {
    show(task) {
      latest = task;
      draw();
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      if (latest !== null) hint(ERASE);
    },
  };
}

/** `[######------] running, 50%, page 31 of 50, about 40s left  12s` */
export function lineFor(task: TaskView, elapsed: string): string {
  const percent = progressOf(task)?.percent ?? null;
  const shown = percent === null ? "" : `${bar(percent / 100, BAR_WIDTH)} `;
  return `${shown}${standing(task)}  ${elapsed}`;
}

function linePerChange(): ProgressLine {
  let told = "";
  return {
    show(task) {
      const { status, reason } = task;
      // How it ended is said by whoever waited.
      if (isFinal(status)) return;
      // Places and times move with every look; in a log they would be noise.
      const key = JSON.stringify([status, reason, progressOf(task)]);
      if (key === told) return;
      told = key;
      notify(standing(task));
    },
    [Symbol.dispose]() {},
  };
}

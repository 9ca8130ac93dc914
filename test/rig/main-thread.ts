// What the main thread of a page does, as chromium traces it.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";

export interface LongestTask {
  /** What it computed: with a machine to itself it stands still for so long. */
  readonly computedMs: number;
  /** What it took here, where others have the processor, too. */
  readonly tookMs: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** The longest task while `act` goes on. */
export async function longestTask(page: Page, act: () => Promise<unknown>): Promise<LongestTask> {
  const browser = page.context().browser();
  assert.ok(browser);
  await browser.startTracing(page, { categories: ["-*", "toplevel"] });
  let trace: Buffer;
  try {
    await act();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents: events } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  const threads = new Set(
    events.flatMap(({ name, pid, tid, args }) =>
      name === "thread_name" && args.name === "CrRendererMain" ? [`${pid} ${tid}`] : [],
    ),
  );
  // X: with a beginning and an end. What is still open is the task by which the tracing is stopped.
  const tasks = events.filter(
    ({ name, ph, pid, tid }) =>
      name === "ThreadControllerImpl::RunTask" && ph === "X" && threads.has(`${pid} ${tid}`),
  );
  assert.ok(tasks.length > 100, `${tasks.length} tasks traced`);
  const longest = (read: (event: TraceEvent) => number): number =>
    tasks.reduce((most, task) => Math.max(most, read(task)), 0) / 1_000;
  const took = ({ dur = Infinity }: TraceEvent): number => dur;
  return { computedMs: longest((task) => task.tdur ?? took(task)), tookMs: longest(took) };
}

export function told({ computedMs, tookMs }: LongestTask): string {
  return `longest task ${computedMs.toFixed()} ms of computing, ${tookMs.toFixed()} ms here`;
}

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
  await browser.startTracing(page, { categories: ["disabled-by-default-devtools.timeline"] });
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
  const tasks = events.filter(({ name, pid, tid }) => name === "RunTask" && threads.has(`${pid} ${tid}`));
  assert.ok(tasks.length > 100, `${tasks.length} tasks traced`);
  const longest = (read: (event: TraceEvent) => number | undefined): number =>
    tasks.reduce((most, task) => Math.max(most, read(task) ?? Infinity), 0) / 1_000;
  return { computedMs: longest(({ tdur }) => tdur), tookMs: longest(({ dur }) => dur) };
}

export function told({ computedMs, tookMs }: LongestTask): string {
  return `longest task ${computedMs.toFixed()} ms of computing, ${tookMs.toFixed()} ms here`;
}

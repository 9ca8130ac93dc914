import { fileURLToPath } from "node:url";
import { launch } from "./process.ts";

export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  readonly log: string;
  readonly bodyBytes?: number;
  /** Requests go to `/api/function1` and so on, up to this number, in turn; 1 unless told. */
  readonly paths?: number;
  /** One more header field, such as `Headgate-Delay: 1d`. */
  readonly header?: string;
}

export interface LoadResult {
  /** Answers with a status below 400, per second. */
  readonly perSecond: number;
  readonly refused: number;
  /** Connections that failed, were cut or timed out. */
  readonly broken: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Summary {
  readonly requests: number;
  readonly microseconds: number;
  readonly refused: number;
  readonly broken: number;
  readonly p50: number;
  readonly p99: number;
}

const script = fileURLToPath(new URL("post.lua", import.meta.url));
const usualBodyBytes = 200;

/** POSTs on keep-alive connections, each sending its next request on the answer, for a time. */
export async function load(options: LoadOptions, seconds: number): Promise<LoadResult> {
  let summary: Summary | null = null;
  const wrk = launch("wrk", wrkArguments(options, seconds, 0), {
    log: options.log,
    onLine: (line) => {
      if (line.startsWith("{")) summary = JSON.parse(line) as Summary;
    },
  });
  await wrk.exited;
  if (summary === null) throw new Error(`wrk said nothing, see ${options.log}`);
  return loadResult(summary);
}

/** POSTs a number of tasks as fast as the server takes them; a few in flight at the end stay unanswered. */
export async function submit(options: LoadOptions, count: number, withinSeconds: number): Promise<void> {
  const sent = Promise.withResolvers<void>();
  const wrk = launch("wrk", wrkArguments(options, withinSeconds, count), {
    log: options.log,
    onLine: (line) => {
      if (line === "sent") sent.resolve();
    },
  });
  const code = wrk.exited.then(() =>
    sent.reject(new Error(`${count} tasks were not taken within ${withinSeconds} s`)),
  );
  await sent.promise;
  wrk.interrupt();
  await code;
}

function wrkArguments(options: LoadOptions, seconds: number, count: number): string[] {
  const bodyBytes = String(options.bodyBytes ?? usualBodyBytes);
  return [
    "-t1",
    `-c${options.connections}`,
    `-d${seconds}s`,
    "--timeout",
    "60s",
    "--latency",
    "-s",
    script,
    options.url,
    "--",
    bodyBytes,
    String(count),
    String(options.paths ?? 1),
    options.header ?? "",
  ];
}

function loadResult(summary: Summary): LoadResult {
  if (summary.requests === summary.refused)
    throw new Error(`${summary.refused} requests, and every one refused`);
  return {
    perSecond: (summary.requests - summary.refused) / (summary.microseconds / 1e6),
    refused: summary.refused,
    broken: summary.broken,
    p50Ms: summary.p50 / 1000,
    p99Ms: summary.p99 / 1000,
  };
}

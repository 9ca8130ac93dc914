import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { timeReads } from "./rig/client.ts";
import { startHeadgate } from "./rig/headgate.ts";
import type { PartReport } from "./rig/report.ts";
import { fixed, whole } from "./rig/table.ts";
import { startFastTarget } from "./rig/target.ts";
import { load } from "./rig/wrk.ts";

const fsyncMs = 300;
const connections = 64;

/** Whether Headgate stays responsive while every fsync takes 300 ms and tasks keep coming. */
export async function slowdiskPart(bench: Bench): Promise<PartReport> {
  if (!bench.hasHeadgate) return { tables: [], goals: [], figures: null };
  const folder = bench.folder("slowdisk");
  const trace = join(folder, "strace.log");
  const target = await startFastTarget(folder);
  // -D: Headgate stays our child, so that our signals reach it and not strace.
  const under = [
    "strace",
    "-D",
    "-f",
    "--seccomp-bpf",
    "-qq",
    "-o",
    trace,
    "-e",
    "trace=fsync,fdatasync",
    "-e",
    `inject=fsync,fdatasync:delay_exit=${fsyncMs * 1000}`,
  ];
  const { url, stop } = await startHeadgate({ targetUrl: target.url, concurrency: 50, folder, under });
  const seconds = bench.seconds * 2;
  await timeReads(`${url}/healthz`, 100, 5_000);
  const fsyncsBefore = fsyncs(trace);
  const [accept, health] = await Promise.all([
    load({ url, connections, log: join(folder, "wrk.log") }, seconds),
    timeReads(`${url}/healthz`, Infinity, seconds * 1000, 5),
  ]);
  const slowed = fsyncs(trace) - fsyncsBefore;
  await stop();
  await target.stop();
  if (slowed === 0) throw new Error("no fsync was made, so nothing was slow");
  return {
    tables: [
      {
        title: `Every fsync takes ${fsyncMs} ms, ${connections} connections submit: Headgate`,
        headings: ["", "p50 ms", "p99 ms", "max ms", "per second"],
        rows: [
          ["GET /healthz", fixed(health.p50Ms), fixed(health.p99Ms), fixed(health.maxMs), ""],
          ["submit", fixed(accept.p50Ms), fixed(accept.p99Ms), "", whole(accept.perSecond)],
          ["fsync", "", "", "", fixed(slowed / seconds, 1)],
        ],
      },
    ],
    goals: [
      {
        measure: `/healthz p99 while fsync takes ${fsyncMs} ms`,
        bound: "at most",
        goal: 50,
        measured: health.p99Ms,
        unit: "ms",
      },
    ],
    figures: { health, accept, fsyncs: slowed },
  };
}

function fsyncs(trace: string): number {
  return readFileSync(trace, "utf8").match(/\b(fsync|fdatasync)\(/g)?.length ?? 0;
}

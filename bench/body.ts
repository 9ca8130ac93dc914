import type { Bench } from "./bench.ts";
import { readTask, submitOne, until } from "./rig/client.ts";
import { startHeadgate } from "./rig/headgate.ts";
import { download, upload } from "./rig/large.ts";
import { residentBytes } from "./rig/process.ts";
import type { PartReport } from "./rig/report.ts";
import { peakDuring } from "./rig/resident.ts";
import { megabytes } from "./rig/table.ts";
import { startBulkyTarget } from "./rig/target.ts";

const largeBytes = 2 ** 30;
const limitMs = 180_000;
const flags = { "max-body": "2GiB", "max-response": "2GiB" };

/** How much memory Headgate takes while a gigabyte goes in, on to the target, back, and out. */
export async function bodyPart(bench: Bench): Promise<PartReport> {
  if (!bench.hasHeadgate) return { tables: [], goals: [], figures: null };
  const folder = bench.folder("body");
  const target = await startBulkyTarget(folder);
  const running = await startHeadgate({ targetUrl: target.url, concurrency: 4, folder, flags });
  for (let warmUp = 0; warmUp < 50; warmUp += 1) await untilFinal(running.url, await submitOne(running.url));

  const before = residentBytes(running.pid);
  const peaks = await measurePeaks(running.url, running.pid);
  await running.stop();
  await target.stop();

  const growth = Object.entries(peaks).map(([way, peak]) => ({ way, bytes: peak - before }));
  const largest = Math.max(...growth.map(({ bytes }) => bytes));
  return {
    tables: [
      {
        title: `RSS above its ${megabytes(before)} MB of before, with a body of 1 GiB: Headgate`,
        headings: ["way", "MB"],
        rows: growth.map(({ way, bytes }) => [way, megabytes(bytes)]),
      },
    ],
    goals: [
      {
        measure: "RSS growth while 1 GB goes in and out",
        bound: "at most",
        goal: 64,
        measured: largest / 2 ** 20,
        unit: "MB",
      },
    ],
    figures: { before, peaks },
  };
}

async function measurePeaks(url: string, pid: number): Promise<Record<string, number>> {
  let id = "";
  return {
    "in: POST of 1 GiB": await peakDuring(
      pid,
      async () => void (id = await upload(`${url}/large`, largeBytes)),
    ),
    "on: to the target": await peakDuring(pid, async () => {
      await untilFinal(url, id);
      await checkReceived(url, id);
    }),
    "back: answer of 1 GiB": await peakDuring(pid, async () => {
      id = await submitOne(url, "GET", `/large?bytes=${largeBytes}`);
      await untilFinal(url, id);
    }),
    "out: GET /task/{id}/result": await peakDuring(pid, async () => {
      const bytes = await download(`${url}/task/${id}/result`);
      if (bytes !== largeBytes) throw new Error(`the result has ${bytes} bytes, not ${largeBytes}`);
    }),
  };
}

async function untilFinal(url: string, id: string): Promise<void> {
  const isFinal = async (): Promise<boolean> => {
    const { status } = await readTask(url, id);
    if (status === "failed" || status === "cancelled") throw new Error(`task ${id} has ${status}`);
    return status === "completed";
  };
  await until(isFinal, limitMs, `task ${id}`);
}

async function checkReceived(url: string, id: string): Promise<void> {
  const { result } = await readTask(url, id);
  const { received } = (typeof result === "string" ? JSON.parse(result) : result) as { received: number };
  if (received !== largeBytes) throw new Error(`the target received ${received} bytes, not ${largeBytes}`);
}

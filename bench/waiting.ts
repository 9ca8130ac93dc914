import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "./bench.ts";
import { submitOne, until } from "./rig/client.ts";
import { browserRequest, gather } from "./rig/crowd.ts";
import type { Crowd } from "./rig/crowd.ts";
import { startHeadgate } from "./rig/headgate.ts";
import { heldBytes, readable } from "./rig/heap.ts";
import { spread } from "./rig/median.ts";
import { residentBytes } from "./rig/process.ts";
import type { PartReport } from "./rig/report.ts";
import { fixed, whole } from "./rig/table.ts";
import type { Target } from "./rig/target.ts";
import { startHangingTarget } from "./rig/target.ts";
import { submit } from "./rig/wrk.ts";

const clients = 5_000;
const earlierTasks = 20_000;
const waitSeconds = 60;
/** What came before has calmed down. */
const calmMs = 3_000;
const megabyte = 2 ** 20;

interface Way {
  readonly label: string;
  /** Whether this many tasks were accepted before, so that caches are full. */
  readonly isBusy?: boolean;
  /** Whether the tasks are there before the clients come. */
  readonly asksForTasks?: boolean;
  /** Whether each client is sent something at once. */
  readonly isAnswered: boolean;
  request(host: string, index: number, ids: readonly string[]): string;
}

interface Cost {
  /** Above a server without clients and tasks. */
  readonly residentBytes: number;
  /** Above that with the tasks alone, where they were there before. */
  readonly clientsBytes: number;
}

const post = (host: string, index: number, fields: readonly string[]): string =>
  browserRequest(`POST /api/orders?number=${index}`, host, fields, bodyOf(index));

const ways: readonly Way[] = [
  {
    label: "GET /healthz, then idle",
    isAnswered: true,
    request: (host) => browserRequest("GET /healthz", host, []),
  },
  {
    label: "POST, answered 202, then idle",
    isAnswered: true,
    request: (host, index) => post(host, index, []),
  },
  waiting(`Prefer: wait=${waitSeconds}`),
  { ...waiting(`the same after ${whole(earlierTasks)} other tasks`), isBusy: true },
  {
    label: `GET /task/{id}?wait=${waitSeconds}`,
    asksForTasks: true,
    isAnswered: false,
    request: (host, index, ids) => browserRequest(`GET /task/${ids[index]}?wait=${waitSeconds}`, host, []),
  },
  {
    label: "GET /task/{id}/events",
    asksForTasks: true,
    isAnswered: true,
    request: (host, index, ids) => browserRequest(`GET /task/${ids[index]}/events`, host, []),
  },
];

function waiting(label: string): Way {
  return {
    label,
    isAnswered: false,
    request: (host, index) => post(host, index, [`Prefer: wait=${waitSeconds}`]),
  };
}

/** What 5,000 clients cost that wait, each on a connection of its own, with their tasks of 1 KB, and its parts. */
export async function waitingPart(bench: Bench): Promise<PartReport> {
  if (!bench.hasHeadgate) return { tables: [], goals: [], figures: null };
  const target = await startHangingTarget(bench.folder("targets"));
  const costs = new Map<Way, Cost[]>(ways.map((way) => [way, []]));
  for (let round = 1; round <= bench.rounds; round += 1) {
    for (const [index, way] of ways.entries()) {
      const cost = await measure(way, target, bench.folder(`waiting-${round}-${index}`));
      costs.get(way)?.push(cost);
      bench.tell(
        `waiting ${round}/${bench.rounds} ${way.label}: ${fixed(cost.residentBytes / megabyte, 1)} MB`,
      );
    }
  }
  const heaps = new Map<Way, number>();
  for (const [index, way] of ways.entries()) {
    heaps.set(way, await measureHeap(way, target, bench.folder(`waiting-heap-${index}`)));
  }
  await target.stop();
  const median = (way: Way, key: keyof Cost): number =>
    spread((costs.get(way) ?? []).map((cost) => cost[key])).median;
  return {
    tables: [
      {
        title: `RSS that ${whole(clients)} clients add with their tasks, median of ${bench.rounds}: Headgate`,
        headings: ["clients", "MB", "without tasks MB", "KB each", "of it heap KB"],
        rows: ways.map((way) => [
          way.label,
          fixed(median(way, "residentBytes") / megabyte, 1),
          way.asksForTasks === true ? fixed(median(way, "clientsBytes") / megabyte, 1) : "",
          fixed(median(way, "residentBytes") / 1024 / clients, 1),
          fixed((heaps.get(way) ?? NaN) / 1024 / clients, 1),
        ]),
      },
    ],
    goals: ways
      .filter(({ label }) => label.startsWith("Prefer"))
      .map((way) => ({
        measure: `RSS that ${whole(clients)} waiting clients add, tasks included`,
        bound: "at most",
        goal: 100,
        measured: median(way, "residentBytes") / megabyte,
        unit: "MB",
      })),
    figures: ways.map((way) => ({ way: way.label, costs: costs.get(way), heapBytes: heaps.get(way) })),
  };
}

async function measure(way: Way, target: Target, folder: string): Promise<Cost> {
  const { url, pid, stop } = await start(way, target, folder, []);
  const before = residentBytes(pid);
  const ids = way.asksForTasks === true ? await submitAll(url) : [];
  if (ids.length > 0) await sleep(calmMs);
  const withTasks = residentBytes(pid);
  const crowd = await come(way, url, ids);
  const after = residentBytes(pid);
  crowd.assertComplete();
  await crowd.leave();
  await stop();
  return { residentBytes: after - before, clientsBytes: after - withTasks };
}

/** Apart from the rest: to collect garbage is to change what is measured. */
async function measureHeap(way: Way, target: Target, folder: string): Promise<number> {
  const file = join(folder, "heap.json");
  const { url, pid, stop } = await start(way, target, folder, readable(file));
  const ids = way.asksForTasks === true ? await submitAll(url) : [];
  const before = await heldBytes(pid, file);
  const crowd = await come(way, url, ids);
  const after = await heldBytes(pid, file);
  crowd.assertComplete();
  await crowd.leave();
  await stop();
  return after - before;
}

/** Started, and warmed up by a hundred clients that wait. */
async function start(
  way: Way,
  target: Target,
  folder: string,
  under: readonly string[],
): Promise<Awaited<ReturnType<typeof startHeadgate>>> {
  const running = await startHeadgate({ targetUrl: target.url, concurrency: 1, folder, under });
  const { url } = running;
  if (way.isBusy === true) {
    const log = join(folder, "wrk.log");
    await submit({ url, connections: 256, bodyBytes: 1024, log }, earlierTasks, 120);
  }
  const { host } = new URL(url);
  const warmUp = await gather(url, 100, (index) => post(host, index, ["Prefer: wait=1"]));
  await until(async () => warmUp.answered() === 100, 30_000, "warm-up");
  await warmUp.leave();
  await sleep(calmMs);
  return running;
}

async function submitAll(url: string): Promise<string[]> {
  const ids: string[] = [];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (ids.length < clients) ids.push(await submitOne(url, "POST", "/api/orders", bodyOf(ids.length)));
    }),
  );
  return ids;
}

/** All have come, and none has been answered that is to wait. */
async function come(way: Way, url: string, ids: readonly string[]): Promise<Crowd> {
  const { host } = new URL(url);
  const crowd = await gather(url, clients, (index) => way.request(host, index, ids));
  if (way.isAnswered) await until(async () => crowd.answered() === clients, 60_000, way.label);
  else await sleep(2 * calmMs);
  await sleep(calmMs);
  crowd.assertComplete();
  const expected = way.isAnswered ? clients : 0;
  if (crowd.answered() !== expected) {
    throw new Error(
      `${way.label}: ${crowd.answered()} of ${clients} were answered (${[...crowd.firstLines()].join(", ")})`,
    );
  }
  return crowd;
}

/** 1 KB of JSON, of each client its own. */
function bodyOf(index: number): string {
  return JSON.stringify({ number: index, text: `${index} `.padEnd(1_000, "x") });
}

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { readCounts, untilCounts } from "./rig/client.ts";
import { startHeadgate } from "./rig/headgate.ts";
import { medianRatio, spread } from "./rig/median.ts";
import { watchOthers } from "./rig/others.ts";
import type { PartReport } from "./rig/report.ts";
import { fixed, whole } from "./rig/table.ts";
import type { Target } from "./rig/target.ts";
import { startFastTarget, startHangingTarget } from "./rig/target.ts";
import { submit } from "./rig/wrk.ts";

interface Claims {
  readonly perSecond: number;
  readonly othersPercent: number;
}

interface Side {
  readonly label: string;
  /** Tasks that are due tomorrow, as they were counted. */
  delayed: number;
  readonly folder: string;
  readonly claims: Claims[];
}

const dueTasks = 50_000;
const connections = 256;
const concurrency = 50;
const limitMs = 600_000;

/** How fast tasks are claimed while many others are due tomorrow, beside a store that has none of those. */
export async function delayedPart(bench: Bench): Promise<PartReport> {
  if (!bench.hasHeadgate) return { tables: [], goals: [], figures: null };
  const folder = bench.folder("targets");
  const [hanging, fast] = [await startHangingTarget(folder), await startFastTarget(folder)];
  const many = Math.max(...bench.backlogs);
  const without: Side = {
    label: "none due tomorrow",
    delayed: 0,
    folder: bench.folder("delayed-none"),
    claims: [],
  };
  const among: Side = {
    label: `${whole(many)} due tomorrow`,
    delayed: 0,
    folder: bench.folder("delayed-many"),
    claims: [],
  };
  await fill(among, hanging, many, "Headgate-Delay: 1d");
  for (let round = 1; round <= bench.rounds; round += 1) {
    for (const side of [without, among]) {
      await fill(side, hanging, dueTasks);
      side.claims.push(await drain(side, fast));
      bench.tell(
        `delayed ${round}/${bench.rounds} ${side.label}: ${whole(side.claims.at(-1)?.perSecond ?? NaN)}/s`,
      );
    }
  }
  await Promise.all([hanging.stop(), fast.stop()]);
  for (const side of [without, among]) rmSync(side.folder, { recursive: true, force: true });
  return report(without, among);
}

/** Submits while nothing is forwarded but one request, which hangs. */
async function fill(side: Side, hanging: Target, count: number, header = ""): Promise<void> {
  const filling = await startHeadgate({ targetUrl: hanging.url, concurrency: 1, folder: side.folder });
  const log = join(side.folder, "wrk.log");
  // Whatever was due before is done.
  side.delayed = (await readCounts(filling.url)).pending;
  await submit({ url: filling.url, connections, log, header }, count, limitMs / 1000);
  await filling.stop();
}

/** The first tenth is the warm-up, the last is left: there the line runs dry. */
async function drain({ folder, delayed }: Side, fast: Target): Promise<Claims> {
  const draining = await startHeadgate({ targetUrl: fast.url, concurrency, folder });
  const untilLeft = (share: number): Promise<{ completed: number }> =>
    untilCounts(draining.url, ({ pending }) => pending - delayed <= dueTasks * share, limitMs);
  const before = await untilLeft(0.9);
  const othersPercent = watchOthers();
  const start = performance.now();
  const after = await untilLeft(0.1);
  const seconds = (performance.now() - start) / 1000;
  const claims = {
    perSecond: (after.completed - before.completed) / seconds,
    othersPercent: othersPercent(),
  };
  await untilLeft(0);
  await draining.stop();
  return claims;
}

function report(without: Side, among: Side): PartReport {
  const rates = ({ claims }: Side): number[] => claims.map(({ perSecond }) => perSecond);
  const ratio = medianRatio(rates(among), rates(without));
  return {
    tables: [
      {
        title: `Claims of ${whole(dueTasks)} tasks that are due, ${concurrency} at once: Headgate`,
        headings: ["besides them", "per second", "min", "max", "others %", "÷ none"],
        rows: [without, among].map((side) => {
          const { median, min, max } = spread(rates(side));
          const others = spread(side.claims.map(({ othersPercent }) => othersPercent));
          const quotient = side === among ? fixed(ratio) : "";
          return [side.label, whole(median), whole(min), whole(max), whole(others.max), quotient];
        }),
      },
    ],
    goals: [
      {
        measure: `claim rate with ${among.label} ÷ without`,
        bound: "at least",
        goal: 0.9,
        measured: ratio,
        unit: "×",
      },
    ],
    figures: { without: without.claims, among: among.claims },
  };
}

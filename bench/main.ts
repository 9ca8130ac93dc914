/** npm run bench -- [accept] [e2e] [routes] [backlog] [delayed] [adaptive] [body] [slowdisk] [waiting] [--rounds 3] [--seconds 5] …; see README.md. */
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { acceptPart } from "./accept.ts";
import { adaptivePart } from "./adaptive.ts";
import { backlogPart } from "./backlog.ts";
import type { Bench } from "./bench.ts";
import { clearScratch, openBench } from "./bench.ts";
import { bodyPart } from "./body.ts";
import { delayedPart } from "./delayed.ts";
import { e2ePart } from "./e2e.ts";
import { headgateEntry } from "./rig/headgate.ts";
import { installMissing } from "./rig/packages.ts";
import { killAll } from "./rig/process.ts";
import { goalTable, writeReports } from "./rig/report.ts";
import type { PartReport } from "./rig/report.ts";
import { formatTable } from "./rig/table.ts";
import { routesPart } from "./routes.ts";
import { slowdiskPart } from "./slowdisk.ts";
import { waitingPart } from "./waiting.ts";

const parts: Readonly<Record<string, (bench: Bench) => Promise<PartReport>>> = {
  accept: acceptPart,
  e2e: e2ePart,
  routes: routesPart,
  backlog: backlogPart,
  delayed: delayedPart,
  adaptive: adaptivePart,
  body: bodyPart,
  slowdisk: slowdiskPart,
  waiting: waitingPart,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "5" },
    backlogs: { type: "string", default: "10000,100000,1000000" },
    only: { type: "string", default: "" },
  },
});
const unknown = positionals.filter((name) => !(name in parts));
if (unknown.length > 0) {
  process.stderr.write(`Unknown part ${unknown.join(", ")}: there are ${Object.keys(parts).join(", ")}.\n`);
  process.exit(2);
}

const folder = fileURLToPath(new URL(".", import.meta.url));
const bench = openBench({
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  backlogs: values.backlogs.split(",").map(Number),
  only: values.only.split(",").filter((key) => key !== ""),
});
await installMissing(folder, bench.folder("install.log"));
bench.tell(
  bench.hasHeadgate ? `Headgate is ${headgateEntry}` : "Headgate is left out: only peers are measured.",
);
bench.tell(`Load of this machine before the start, which should be near 0: ${loadavg()[0]}`);

const reports = new Map<string, PartReport>();
for (const [name, part] of Object.entries(parts)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  try {
    const report = await part(bench);
    reports.set(name, report);
    process.stdout.write(`\n${report.tables.map(formatTable).join("\n")}`);
  } catch (error) {
    bench.tell(`${name} was given up, its logs are in bench/.data: ${String(error)}`);
    process.exitCode = 1;
    killAll();
  }
}
const goals = [...reports.values()]
  .flatMap((report) => report.goals)
  // Of a peer that was left out there is no ratio.
  .filter((goal) => !Number.isNaN(goal.measured));
if (goals.length > 0) process.stdout.write(`\n${formatTable(goalTable(goals))}`);
process.stdout.write(
  `\nFigures: ${writeReports(`${folder}results`, bench.hasHeadgate ? headgateEntry : null, reports)}\n`,
);
if (process.exitCode !== 1) clearScratch();

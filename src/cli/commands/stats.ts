import type { Stats } from "../../../client/views.ts";
import { count, rate, share, span } from "../amounts.ts";
import { type ConnectionFlags, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { table } from "../table.ts";
import { colour, print, terminalColumns } from "../terminal.ts";

/** `headgate stats`: how things stand. */
export function stats(flags: ConnectionFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    const found = await headgate.stats();
    print(flags.json ? JSON.stringify(found, null, 2) : statsText(found, terminalColumns()));
    return ExitCode.ok;
  });
}

function statsText(stats: Stats, columns: number | null): string {
  const facts = table(factsOf(stats), {
    paint: (text, _row, column) => (column === 0 ? colour("dim", text) : text),
  });
  const parts = [facts, laneTable(stats.lanes, columns), targetTable(stats.targets, columns)];
  return parts.join("\n\n");
}

function factsOf(stats: Stats): readonly (readonly string[])[] {
  const { tasks, totals, queue, throughput } = stats;
  return [
    [
      "stored",
      Object.entries(tasks)
        .map(([state, amount]) => `${count(amount)} ${state}`)
        .join(", "),
    ],
    [
      "ever",
      Object.entries(totals)
        .map(([what, amount]) => `${count(amount)} ${what}`)
        .join(", "),
    ],
    ["queue", `${count(queue.size)} of ${count(queue.capacity)}`],
    ["running", `${count(stats.in_flight)} of ${count(stats.limit)}`],
    ["pace", paceText(throughput)],
    ["success", share(stats.success_rate)],
    ["in queue", percentilesText(stats.queue_wait_seconds)],
    ["at target", percentilesText(stats.target_seconds)],
    ["up", span(stats.uptime_seconds)],
  ];
}

export function paceText({
  accepted_per_second: accepted,
  started_per_second: started,
  ended_per_second: ended,
}: Stats["throughput"]): string {
  return `${rate(accepted)} in, ${rate(started)} begun, ${rate(ended)} ended`;
}

export function percentilesText(percentiles: Stats["target_seconds"]): string {
  if (percentiles === null) return "-";
  const { p50, p95, p99 } = percentiles;
  return `p50 ${span(p50)}, p95 ${span(p95)}, p99 ${span(p99)}`;
}

export function laneTable(lanes: Stats["lanes"], columns: number | null): string {
  const rows = lanes.map((lane) => [
    lane.name,
    `${lane.queue.size}/${lane.queue.capacity ?? "-"}`,
    `${lane.in_flight}/${lane.limit ?? "-"}${lane.adaptive ? " auto" : ""}`,
    lane.rate ?? "-",
    count(lane.tasks.failed),
    lane.queue_wait_seconds === null ? "-" : span(lane.queue_wait_seconds.p95),
    lane.target_seconds === null ? "-" : span(lane.target_seconds.p95),
    lane.paused ? "paused" : (lane.waiting_for?.reason ?? "-"),
  ]);
  const head = ["lane", "queue", "running", "rate", "failed", "wait p95", "took p95", "held by"];
  return headed([head, ...rows], columns, LANE_SPARE);
}

/** Wait, failed, rate. */
const LANE_SPARE: readonly number[] = [5, 4, 3];
/** Pool, healthy. */
const TARGET_SPARE: readonly number[] = [1, 3];

export function targetTable(targets: Stats["targets"], columns: number | null): string {
  const rows = targets.map(
    ({ url, pool, in_flight: running, limit, healthy, circuit, target_seconds: took }) => [
      url,
      pool,
      `${running}/${limit ?? "-"}`,
      healthy === null ? "-" : healthy ? "yes" : "no",
      circuit.state,
      took === null ? "-" : span(took.p95),
    ],
  );
  return headed(
    [["target", "pool", "running", "healthy", "circuit", "took p95"], ...rows],
    columns,
    TARGET_SPARE,
  );
}

/** The first column is cut where the rows are too wide. */
function headed(
  rows: readonly (readonly string[])[],
  columns: number | null,
  spare: readonly number[],
): string {
  return table(rows, {
    columns,
    shrink: 0,
    spare,
    paint: (text, row) => (row === 0 ? colour("dim", text) : text),
  });
}

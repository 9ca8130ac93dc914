import type { Lane, Stats, TaskView } from "../../client/views.ts";
import { age, bar, count, share, span } from "./amounts.ts";
import { paceText, percentilesText } from "./commands/stats.ts";
import { harmless } from "./harmless.ts";
import { progressOf } from "./outcome.ts";
import { table } from "./table.ts";
import { colour } from "./terminal.ts";
import { fit, pad } from "./width.ts";

export interface TopView {
  readonly url: string;
  readonly stats: Stats;
  /** Newest first. */
  readonly running: readonly TaskView[];
  readonly waiting: readonly TaskView[];
  readonly now: number;
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const QUEUE_BAR = 20;
const MOST_LANES = 6;
/** What is left to a list when the screen is small. */
const LEAST_TASKS = 2;

/** The lines of a screen, none wider than it and no more than it has. */
export function drawTop(view: TopView, { columns, rows }: ScreenSize): readonly string[] {
  const head = headLines(view, columns);
  const lanes = laneLines(view.stats.lanes, columns, Math.max(2, rows - head.length - 2 * (LEAST_TASKS + 2)));
  const room = rows - head.length - lanes.length - 2;
  const [forRunning, forWaiting] = divide(room, view.running.length + 1, view.waiting.length + 1);
  const lines = [
    ...head,
    ...lanes,
    "",
    ...taskLines("running", view.running, runningCells(view.now), columns, forRunning),
    "",
    ...taskLines("waiting", view.waiting, waitingCells(view.now), columns, forWaiting),
  ];
  return lines.slice(0, rows);
}

/** Two lists on one screen: each gets half, and what the other does not need. */
export function divide(room: number, first: number, second: number): readonly [number, number] {
  const half = Math.floor(room / 2);
  if (first <= half) return [first, room - first];
  if (second <= room - half) return [room - second, second];
  return [half, room - half];
}

function headLines({ url, stats }: TopView, columns: number): readonly string[] {
  const { tasks, queue, in_flight: running, limit, throughput, success_rate: success } = stats;
  const fill = queue.capacity === 0 ? 0 : queue.size / queue.capacity;
  const facts = [
    `headgate at ${harmless(url)}, up ${span(stats.uptime_seconds)}`,
    `queue   ${bar(fill, QUEUE_BAR)} ${count(queue.size)} of ${count(queue.capacity)}`,
    `running ${bar(limit === 0 ? 0 : running / limit, QUEUE_BAR)} ${count(running)} of ${count(limit)}`,
    `stored  ${count(tasks.completed)} completed, ${count(tasks.failed)} failed, ${count(tasks.cancelled)} cancelled; success ${share(success)}`,
    `pace    ${paceText(throughput)}`,
    `queued  ${percentilesText(stats.queue_wait_seconds)}`,
    `took    ${percentilesText(stats.target_seconds)}`,
  ];
  return [...facts.map((line) => fit(line, columns)), ""];
}

function laneLines(lanes: readonly Lane[], columns: number, most: number): readonly string[] {
  const busiest = lanes.toSorted((a, b) => b.queue.size + b.in_flight - (a.queue.size + a.in_flight));
  const rows = busiest
    .slice(0, Math.min(MOST_LANES, most - 1))
    .map((lane) => [
      lane.name,
      `${lane.queue.size}/${lane.queue.capacity ?? "-"}`,
      `${lane.in_flight}/${lane.limit ?? "-"}`,
      lane.target_seconds === null ? "-" : span(lane.target_seconds.p95),
      lane.paused ? "paused" : (lane.waiting_for?.reason ?? "-"),
    ]);
  return headed(["lane", "queue", "running", "took p95", "held by"], rows, 0, columns);
}

type Cells = (task: TaskView) => readonly string[];

const ID_LENGTH = 8;

function runningCells(now: number): Cells {
  return (task) => {
    const { percent = null, message = null } = progressOf(task) ?? {};
    const done = [percent === null ? "" : `${Math.round(percent)}%`, message ?? ""].join(" ").trim();
    return [shortId(task), age(task.started_at ?? task.created_at, now), `${task.method} ${task.path}`, done];
  };
}

function waitingCells(now: number): Cells {
  return (task) => [
    shortId(task),
    age(task.created_at, now),
    `${task.method} ${task.path}`,
    task.waiting_for?.reason ?? `priority ${task.priority}`,
  ];
}

/** The end of an id: ids of one moment begin alike (RFC 9562 5.7). */
function shortId({ task_id: id }: TaskView): string {
  return `…${id.slice(-ID_LENGTH)}`;
}

const REQUEST = 2;

function taskLines(
  title: string,
  tasks: readonly TaskView[],
  cellsOf: Cells,
  columns: number,
  room: number,
): readonly string[] {
  if (room < 1) return [];
  const rows = tasks.slice(0, room - 1).map(cellsOf);
  return headed([title, "for", "request", ""], rows, REQUEST, columns);
}

function headed(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  shrink: number,
  columns: number,
): readonly string[] {
  const lines = table([head, ...rows], { columns, shrink }).split("\n");
  return lines.map((line, at) => {
    const fitted = fit(line, columns);
    return at === 0 ? colour("inverse", pad(fitted, columns)) : fitted;
  });
}

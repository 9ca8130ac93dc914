import type { ProgressView, TaskStatus, TaskView } from "../../client/views.ts";
import { span } from "./amounts.ts";
import { ExitCode } from "./exit-code.ts";
import { harmless } from "./harmless.ts";
import { colour, type Style } from "./terminal.ts";

/** How a command that waited for a task ends. What is a failure is the route's to say (`fail_on`). */
export function exitCodeOf({ status }: Pick<TaskView, "status">): ExitCode {
  switch (status) {
    case "completed":
      return ExitCode.ok;
    case "failed":
      return ExitCode.failure;
    case "cancelled":
      return ExitCode.cancelled;
    case "pending":
    case "processing":
      return ExitCode.unfinished;
    default:
      return status satisfies never;
  }
}

/** Where a task stands, in one line. */
export function standing(task: TaskView): string {
  const { status, reason, error, response, duration_seconds: took } = task;
  if (status === "pending") return waiting(task);
  if (status === "processing") return ["running", ...progressWords(task)].join(", ");
  const answered = response === null ? [] : [`answer ${response.status}`];
  const time = took === null ? [] : [`after ${span(took)}`];
  const why = error === null || error.message === "" ? [] : [harmless(error.message)];
  const kind = status === "failed" ? [`${status} (${reason})`] : [status];
  return [...kind, ...answered, ...time, ...why].join(", ");
}

function waiting({ position, eta_seconds: eta, waiting_for: hold, reason }: TaskView): string {
  const place = position === null ? [] : [position === 1 ? "next in line" : `${position} in line`];
  const held =
    hold === null ? [] : [`held by ${hold.reason}${hold.until === null ? "" : ` until ${hold.until}`}`];
  const again = reason === "retry_backoff" && hold === null ? ["to be tried again"] : [];
  const left = eta === null ? [] : [`about ${span(eta)} left`];
  return ["waiting", ...place, ...held, ...again, ...left].join(", ");
}

function progressWords(task: TaskView): readonly string[] {
  const progress = progressOf(task);
  const { percent = null, message = null } = progress ?? {};
  const left = task.eta_seconds === null ? [] : [`about ${span(task.eta_seconds)} left`];
  return [
    ...(percent === null ? [] : [`${Number(percent.toFixed(1))}%`]),
    ...(message === null || message === "" ? [] : [harmless(message)]),
    ...left,
  ];
}

export function progressOf({ progress }: { readonly progress: ProgressView | null }): ProgressView | null {
  return progress;
}

const COLOURS: Readonly<Record<TaskStatus, Style>> = Object.freeze({
  pending: "yellow",
  processing: "cyan",
  completed: "green",
  failed: "red",
  cancelled: "magenta",
});

/** In the colour of a state, which is the text's first word. */
export function inColourOf(status: string, text: string): string {
  const style = Object.hasOwn(COLOURS, status) ? COLOURS[status as TaskStatus] : null;
  return style === null ? text : colour(style, text);
}

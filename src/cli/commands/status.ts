import type { TaskView } from "../../../client/views.ts";
import { span } from "../amounts.ts";
import { type ConnectionFlags, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { inColourOf, standing } from "../outcome.ts";
import { table } from "../table.ts";
import { colour, print } from "../terminal.ts";

/** `headgate status`: where a task stands; 0 whenever that can be told. */
export function status(id: string, flags: ConnectionFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    const task = await headgate.task(id).status();
    print(flags.json ? JSON.stringify(task, null, 2) : taskText(task));
    return ExitCode.ok;
  });
}

/** What there is to say of a task, a line each, and its attempts. */
export function taskText(task: TaskView): string {
  const rows = table(factsOf(task), {
    paint: (text, row, column) =>
      row === 0 && column === 1 ? inColourOf(task.status, text) : column === 0 ? colour("dim", text) : text,
  });
  if (task.attempts.length === 0) return rows;
  const attempts = table([["attempt", "target", "took", "outcome"], ...task.attempts.map(attemptCells)], {
    paint: (text, row) => (row === 0 ? colour("dim", text) : text),
  });
  return `${rows}\n\n${attempts}`;
}

function factsOf(task: TaskView): readonly (readonly string[])[] {
  const labels = Object.entries(task.labels).map(([key, value]) => `${key}=${value}`);
  const facts: readonly (readonly [string, string | null])[] = [
    ["status", standing(task)],
    ["task", task.task_id],
    ["request", `${task.method} ${task.path}`],
    ["route", task.route],
    ["client", task.client],
    ["priority", String(task.priority)],
    ["labels", labels.length === 0 ? null : labels.join(" ")],
    ["retry of", task.retry_of],
    ["accepted", task.created_at],
    ["started", task.started_at],
    ["ended", task.completed_at],
    ["in queue", span(task.queue_seconds)],
    ["took", task.duration_seconds === null ? null : span(task.duration_seconds)],
    ["answer", task.response === null ? null : `${task.response.status}, ${task.response.size_bytes} bytes`],
  ];
  return facts.flatMap(([name, text]) => (text === null ? [] : [[name, text]]));
}

function attemptCells({
  number,
  target,
  started_at,
  ended_at,
  status,
  outcome,
  error,
}: TaskView["attempts"][number]): string[] {
  const seconds = ended_at === null ? null : (Date.parse(ended_at) - Date.parse(started_at)) / 1_000;
  const end = error?.message ?? (status === null ? (outcome ?? "running") : `answer ${status}`);
  return [String(number), target ?? "-", span(seconds), end];
}

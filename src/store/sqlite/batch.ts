import type { DatabaseSync } from "node:sqlite";
import type { State } from "../../task/task.ts";
import { STATES } from "../../task/task.ts";
import type { Accepted, Duplicate } from "../acceptance.ts";
import type { BatchTally, NoRoom } from "../batches.ts";
import type { ContentRow } from "./content-row.ts";
import type { prepareEnqueue } from "./enqueue.ts";
import type { DedupeRow, Idempotency } from "./idempotency.ts";
import type { Tallies } from "./tallies.ts";
import type { Row } from "./value.ts";

export interface BatchRow {
  readonly id: string;
  readonly client: string;
  readonly createdAt: number;
  readonly tasks: readonly (readonly [task: Row, content: ContentRow])[];
  readonly capacities: readonly (readonly [lane: string, capacity: number])[];
  readonly dedupe: DedupeRow | null;
}

/** Accepts all or none: whether there is room is known before the first is written. */
export function prepareEnqueueBatch(
  db: DatabaseSync,
  tallies: Tallies,
  enqueue: ReturnType<typeof prepareEnqueue>,
  idempotency: Idempotency,
): (batch: BatchRow) => readonly Accepted[] | NoRoom | Duplicate {
  const write = db.prepare("INSERT INTO batch (id, client, created_at, size) VALUES (?, ?, ?, ?)");

  function firstWithoutRoom({ tasks, capacities }: BatchRow): number {
    const free = new Map(
      capacities.map(([lane, capacity]) => [lane, capacity - tallies.get(lane, "pending")]),
    );
    return tasks.findIndex(([task]) => {
      const lane = String(task[1]);
      const left = (free.get(lane) ?? 0) - 1;
      free.set(lane, left);
      return left < 0;
    });
  }

  return (batch) => {
    const { id, client, createdAt, tasks, dedupe } = batch;
    const known = dedupe && idempotency.known(dedupe, createdAt);
    if (known !== null) return known;
    const noRoomFor = firstWithoutRoom(batch);
    if (noRoomFor !== -1) return { noRoomFor };
    write.run(id, client, createdAt, tasks.length);
    if (dedupe !== null) idempotency.remember(dedupe, id);
    return tasks.map(([task, content]) => enqueue(task, content, Infinity) as Accepted);
  };
}

export function prepareBatchTally(db: DatabaseSync): (id: string) => BatchTally | null {
  const find = db.prepare("SELECT client, created_at, size FROM batch WHERE id = ?");
  const count = db.prepare(
    `SELECT state, count(*) AS count, max(completed_at) AS last FROM task INDEXED BY task_batch WHERE batch = ? GROUP BY state`,
  );
  return (id) => {
    const batch = find.get(id);
    if (batch === undefined) return null;
    const counts = count.all(id);
    const stored = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>;
    let completedAt: number | null = 0;
    for (const { state, count: tasks, last } of counts) {
      stored[state as State] = Number(tasks);
      if (last === null) completedAt = null;
      else if (completedAt !== null) completedAt = Math.max(completedAt, Number(last));
    }
    return {
      client: String(batch["client"]),
      createdAt: Number(batch["created_at"]),
      size: Number(batch["size"]),
      stored,
      completedAt,
    };
  };
}

/** Forgets a batch whose last task was deleted. */
export function prepareForgetBatch(db: DatabaseSync): (id: string) => void {
  const forget = db.prepare(
    "DELETE FROM batch WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM task WHERE batch = ?1)",
  );
  return (id) => {
    forget.run(id);
  };
}

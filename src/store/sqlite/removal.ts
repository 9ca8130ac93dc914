import type { DatabaseSync } from "node:sqlite";
import { isFinal, type State } from "../../task/task.ts";
import type { Removal } from "../store.ts";
import { prepareForgetBatch } from "./batch.ts";
import { fromFileText } from "./content-row.ts";
import type { Tallies } from "./tallies.ts";

/** Deleting final tasks. Rows go first; the files they named are told to the caller, who removes them once that is durable. */
interface Files {
  /** Names in the body store. */
  readonly files: readonly string[];
}

interface FinalRow {
  readonly seq: number;
  readonly lane: string;
  readonly state: State;
  readonly node: string | null;
  readonly batch: string | null;
}

interface FoundRow extends FinalRow {
  readonly client: string;
}

export function prepareRemove(db: DatabaseSync, tallies: Tallies): (id: string) => (Removal & Files) | null {
  const find = db.prepare("SELECT seq, lane, client, state, node, batch FROM task WHERE id = ?");
  const erase = prepareErase(db, tallies);
  return (id) => {
    const task = find.get(id) as FoundRow | undefined;
    if (task === undefined) return null;
    const { state, lane, client } = task;
    const removed = isFinal(state) && task.node === null;
    return { removed, state, lane, client, files: removed ? erase(task) : [] };
  };
}

export function preparePrune(
  db: DatabaseSync,
  tallies: Tallies,
): (endedBefore: number, limit: number, lane: string | null) => Files & { readonly count: number } {
  // A cancelled task that still holds its slot is left until the slot is free.
  const old = db.prepare(
    `SELECT seq, lane, state, node, batch FROM task INDEXED BY task_ended
      WHERE lane = ? AND completed_at IS NOT NULL AND completed_at < ? AND node IS NULL ORDER BY completed_at LIMIT ?`,
  );
  const erase = prepareErase(db, tallies);

  return (endedBefore, limit, lane) => {
    let count = 0;
    const files: string[] = [];
    for (const name of lane === null ? tallies.lanes() : [lane]) {
      const tasks = old.all(name, endedBefore, limit - count) as unknown as FinalRow[];
      files.push(...tasks.flatMap(erase));
      count += tasks.length;
      if (count >= limit) break;
    }
    return { count, files };
  };
}

function prepareErase(db: DatabaseSync, tallies: Tallies): (task: FinalRow) => string[] {
  const eraseTask = db.prepare("DELETE FROM task WHERE seq = ?");
  const eraseContent = ["request", "response"].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE seq = ? RETURNING file`),
  );
  const forgetBatch = prepareForgetBatch(db);
  return ({ seq, lane, state, batch }) => {
    eraseTask.run(seq);
    if (batch !== null) forgetBatch(batch);
    tallies.add(lane, state, -1);
    return eraseContent.flatMap((erase) => {
      const file = erase.get(seq)?.["file"];
      return typeof file === "string" ? [fromFileText(file).name] : [];
    });
  };
}

import type { DatabaseSync } from "node:sqlite";
import type { Reason, State } from "../../task/task.ts";
import type { Amendment, Cancellation, Expired } from "../store.ts";
import type { Line, Waiting } from "./line.ts";
import { type Ended, prepareOwe } from "./owe.ts";
import type { Tallies } from "./tallies.ts";

/** What may be done to a task from outside while it waits or runs: cancel it, amend it, give it up. */

interface Standing extends Waiting, Ended {
  readonly seq: number;
  readonly state: State;
  readonly reason: Reason;
  readonly not_before: number | null;
}

const STANDING =
  "seq, id, callbacks, lane, state, reason, priority, rank, client, weight, attempt, not_before";

function prepareLookUp(db: DatabaseSync): (id: string) => Standing | undefined {
  const find = db.prepare(`SELECT ${STANDING} FROM task WHERE id = ?`);
  return (id) => find.get(id) as unknown as Standing | undefined;
}

export function prepareCancel(
  db: DatabaseSync,
  tallies: Tallies,
  line: Line,
): (id: string, at: number) => Cancellation | null {
  const lookUp = prepareLookUp(db);
  // `node` stays: a running attempt holds its slot until its socket is closed and it is settled.
  const write = db.prepare(
    "UPDATE task SET state = 'cancelled', reason = 'cancelled', completed_at = ?, not_before = NULL WHERE seq = ?",
  );
  const owe = prepareOwe(db);
  return (id, at) => {
    const task = lookUp(id);
    if (task === undefined) return null;
    const { lane, client, state } = task;
    if (state !== "pending" && state !== "processing") {
      return { changed: false, from: state, lane, client };
    }
    write.run(at, task.seq);
    owe(task, "cancelled", at);
    leaveLine(line, task);
    tallies.add(lane, state, -1);
    tallies.add(lane, "cancelled", 1);
    tallies.add(lane, "total_cancelled", 1);
    return { changed: true, from: state, lane, client };
  };
}

export function prepareAmend(
  db: DatabaseSync,
  tallies: Tallies,
  line: Line,
): (id: string, changes: Amendment) => boolean | null {
  const lookUp = prepareLookUp(db);
  const move = db.prepare("UPDATE task SET lane = ?, priority = ?, rank = ? WHERE seq = ?");
  const changeDueTime = db.prepare(
    // The time to start within counts from when the task falls due.
    `UPDATE task SET not_before = ?1, reason = iif(?1 IS NULL, 'queued', 'delayed'),
            start_before = start_before + max(0, coalesce(?1, 0) - coalesce(not_before, created_at))
      WHERE seq = ?2`,
  );

  function changePlace(from: Standing, to: Standing, waits: boolean): void {
    const { lane, priority, seq } = to;
    const isNew = lane !== from.lane || priority !== from.priority || from.reason === "delayed";
    leaveLine(line, from);
    if (waits && !isNew) return line.comeBack(to);
    // Ranks of another line say nothing in this one. What was started before and is tried again comes with the newcomers.
    move.run(lane, priority, waits ? line.enter(to) : line.front(lane, priority), seq);
  }

  return (id, changes) => {
    const task = lookUp(id);
    if (task === undefined) return null;
    if (task.state !== "pending") return false;
    const { lane = task.lane, priority = task.priority, notBefore = task.not_before } = changes;
    const moves = lane !== task.lane || priority !== task.priority;
    // Why it waits stands unless the wait itself changes.
    if (notBefore !== task.not_before) changeDueTime.run(notBefore, task.seq);
    if (moves || notBefore !== task.not_before)
      changePlace(task, { ...task, lane, priority }, notBefore === null);
    if (lane !== task.lane) {
      tallies.add(task.lane, "pending", -1);
      tallies.add(lane, "pending", 1);
    }
    return true;
  };
}

export function prepareGiveUp(
  db: DatabaseSync,
  tallies: Tallies,
  line: Line,
): (now: number, limit: number) => readonly Expired[] {
  const overdue = db.prepare(
    `SELECT ${STANDING} FROM task INDEXED BY task_expiry
      WHERE state = 'pending' AND attempt = 0 AND start_before <= ? ORDER BY start_before LIMIT ?`,
  );
  const write = db.prepare(
    `UPDATE task SET state = 'failed', reason = 'expired_in_queue', completed_at = ?, not_before = NULL,
            error = json_object('code', 'expired_in_queue', 'message', 'The task was not started in the time it was given.')
      WHERE seq = ?`,
  );
  const owe = prepareOwe(db);
  return (now, limit) =>
    overdue.all(now, limit).map((row) => {
      const task = row as unknown as Standing;
      write.run(now, task.seq);
      owe(task, "failed", now);
      leaveLine(line, task);
      tallies.add(task.lane, "pending", -1);
      tallies.add(task.lane, "failed", 1);
      tallies.add(task.lane, "total_failed", 1);
      return { id: task.id, lane: task.lane, client: task.client };
    });
}

function leaveLine(line: Line, task: Standing): void {
  if (task.state === "pending" && task.not_before === null) line.leave(task);
}

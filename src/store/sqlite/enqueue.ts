import type { DatabaseSync } from "node:sqlite";
import type { Accepted, Duplicate, TooFarBack } from "../acceptance.ts";
import { type ContentRow, toContentColumns } from "./content-row.ts";
import type { DedupeRow, Idempotency } from "./idempotency.ts";
import type { Line } from "./line.ts";
import { INSERTED_COLUMNS } from "./row.ts";
import type { Tallies } from "./tallies.ts";
import type { Row } from "./value.ts";

/** Accepts a task as pending, unless it came before, its lane is full (then null) or its place would be too far back. */
export function prepareEnqueue(
  db: DatabaseSync,
  tallies: Tallies,
  line: Line,
  idempotency: Idempotency,
): (
  task: Row,
  content: ContentRow,
  capacity: number,
  lastPlace?: number,
  dedupe?: DedupeRow | null,
) => Accepted | Duplicate | TooFarBack | null {
  const insertTask = db.prepare(
    `INSERT INTO task (seq, rank, state, reason, ${INSERTED_COLUMNS}) VALUES (?, ?, 'pending', ?, ${"?, ".repeat(17)}?)`,
  );
  const insertRequest = db.prepare("INSERT INTO request (seq, headers, body, file) VALUES (?, ?, ?, ?)");
  const readLastSeq = db.prepare("SELECT coalesce(max(seq), 0) AS seq FROM task");
  let lastSeq = Number(readLastSeq.get()?.["seq"]);

  return (task, content, capacity, lastPlace = Infinity, dedupe = null) => {
    const known = dedupe && idempotency.known(dedupe, Number(task[12]));
    if (known !== null) return known;
    const entrant = {
      lane: String(task[1]),
      priority: Number(task[2]),
      client: String(task[3]),
      weight: Number(task[15]),
    };
    const { lane, priority } = entrant;
    const isDue = task[13] === null;
    if (tallies.get(lane, "pending") >= capacity) return null;

    // One that is not due yet gets its rank when it is: a delay is no way past those who wait.
    const rank = isDue ? line.enter(entrant) : 0;
    const position = isDue ? line.place(lane, priority, rank) : null;
    if (position !== null && position > lastPlace) {
      line.leave({ ...entrant, rank, attempt: 0 });
      return { wouldBeAt: position };
    }

    // A number is never used twice, also when the transaction that used it first was rolled back.
    const seq = ++lastSeq;
    insertTask.run(seq, rank, isDue ? "queued" : "delayed", ...task);
    insertRequest.run(seq, ...toContentColumns(content));
    if (dedupe !== null) idempotency.remember(dedupe, String(task[0]));
    tallies.add(lane, "pending", 1);
    tallies.add(lane, "total_accepted", 1);
    return { position, pending: tallies.get(lane, "pending") };
  };
}

import { mapAtOnce } from "../../lib/turns.ts";
import type { State } from "../../task/task.ts";
import { STATES } from "../../task/task.ts";
import type { LaneTally, Store } from "../store.ts";
import type { CommitQueue } from "./commit-queue.ts";
import { toContentRow } from "./content-row.ts";
import { toDedupeRow } from "./idempotency.ts";
import { fromClaimedRow, fromRequestRow, fromResponseRow, fromTaskRow, toTaskRow } from "./row.ts";
import { toSettlementRow } from "./settlement-row.ts";
import type { TallyKey } from "./tallies.ts";
import type { ThreadClient } from "./thread-client.ts";
import type { Row } from "./value.ts";
import type { ReaderVerbs, WriterVerbs } from "./verbs.ts";

/** The contract in terms of the two threads: everything that writes goes to one, look-ups to the other. */
export function createSqliteStore(
  writer: ThreadClient<WriterVerbs>,
  reader: ThreadClient<ReaderVerbs>,
  removeFiles: (files: readonly string[]) => Promise<void>,
  commits: CommitQueue,
): Store {
  return {
    enqueue: (task, capacity, lastPlace) =>
      commits(1, () =>
        writer.call(
          "enqueue",
          toTaskRow(task),
          toContentRow(task.request.headers, task.request.body),
          capacity,
          lastPlace,
          toDedupeRow(task.dedupe),
        ),
      ),
    async claim(request) {
      const { rows, nextDueAt, pending } = await writer.call("claim", request);
      return { tasks: rows.map(fromClaimedRow), nextDueAt, pending };
    },
    settle: (settlement) => writer.call("settle", toSettlementRow(settlement)),
    cancel: (id, at) => writer.call("cancel", id, at),
    amend: (id, changes) => writer.call("amend", id, changes),
    async remove(id) {
      const found = await writer.call("remove", id);
      if (found === null) return null;
      const { files, ...removal } = found;
      await removeFiles(files);
      return removal;
    },
    async prune(endedBefore, limit, lane) {
      const { files, count } = await writer.call("prune", endedBefore, limit, lane ?? null);
      await removeFiles(files);
      return count;
    },
    giveUp: (now, limit) => writer.call("giveUp", now, limit),
    renew: (node, leaseUntil) => writer.call("renew", node, leaseUntil),
    takeOver: async (node, now, ownToo) =>
      (await writer.call("takeOver", node, now, ownToo)).map(fromClaimedRow),
    async find(id) {
      const found = await reader.call("find", id);
      return found && { task: fromTaskRow(found.row), position: found.position };
    },
    async list(filter) {
      const { rows, next } = await reader.call("list", filter);
      return { tasks: await mapAtOnce(rows, fromTaskRow), next };
    },
    async request(id) {
      const row = await reader.call("request", id);
      return row && fromRequestRow(row);
    },
    async response(id) {
      const row = await reader.call("response", id);
      return row && fromResponseRow(row);
    },
    tally: async () => toLaneTallies(await reader.call("tally")),
  };
}

function toLaneTallies(rows: readonly Row[]): LaneTally[] {
  const lanes = new Map<string, Map<TallyKey, number>>();
  for (const [lane, key, count] of rows) {
    const counts = lanes.get(String(lane)) ?? new Map<TallyKey, number>();
    lanes.set(String(lane), counts.set(key as TallyKey, Number(count)));
  }
  return [...lanes].map(([lane, counts]) => {
    const get = (key: TallyKey): number => counts.get(key) ?? 0;
    return {
      lane,
      stored: Object.fromEntries(STATES.map((state) => [state, get(state)])) as Record<State, number>,
      total: {
        accepted: get("total_accepted"),
        completed: get("total_completed"),
        failed: get("total_failed"),
        cancelled: get("total_cancelled"),
      },
      inFlight: get("in_flight"),
    };
  });
}

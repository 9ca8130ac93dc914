import { isDeepStrictEqual } from "node:util";
import { mapInTurns } from "../../lib/turns.ts";
import type { AccessKey } from "../../task/access-key.ts";
import type { LaneSettings } from "../../task/lane.ts";
import { UNCHANGED } from "../../task/lane.ts";
import type { FinalState } from "../../task/task.ts";
import type { Delivery, DeliveryAttempt, DeliveryState } from "../outbox.ts";
import type { OpenStore } from "../store.ts";
import type { CommitQueue } from "./commit-queue.ts";
import { toContentRow } from "./content-row.ts";
import { toDedupeRow } from "./idempotency.ts";
import { toTaskRow } from "./row.ts";
import type { ThreadClient } from "./thread-client.ts";
import type { Row } from "./value.ts";
import type { ReaderVerbs, WriterVerbs } from "./verbs.ts";

/** What lies beside the tasks, in terms of the two threads. */
export type SideStores = Pick<
  OpenStore,
  "lanes" | "batches" | "idempotency" | "progress" | "keys" | "outbox" | "fronts"
>;

export function createSideStores(
  writer: ThreadClient<WriterVerbs>,
  reader: ThreadClient<ReaderVerbs>,
  commits: CommitQueue,
): SideStores {
  return {
    lanes: {
      async read() {
        const rows = await reader.call("readLanes");
        return new Map(rows.map(([lane, settings]) => [lane, JSON.parse(settings) as LaneSettings]));
      },
      write: (lane, settings) =>
        writer.call(
          "writeLane",
          lane,
          isDeepStrictEqual(settings, UNCHANGED) ? null : JSON.stringify(settings),
        ),
    },
    batches: {
      enqueue: ({ id, client, createdAt, tasks, dedupe }, capacities) =>
        commits(tasks.length, async () =>
          writer.call("enqueueBatch", {
            id,
            client,
            createdAt,
            tasks: await mapInTurns(
              tasks,
              (task) => [toTaskRow(task), toContentRow(task.request.headers, task.request.body)] as const,
            ),
            capacities: [...capacities],
            dedupe: toDedupeRow(dedupe),
          }),
        ),
      tally: (id) => reader.call("batchTally", id),
    },
    idempotency: {
      find: (key, now) => reader.call("findKey", key, now),
      forget: (now, limit) => writer.call("forgetKeys", now, limit),
    },
    progress: {
      write: (id, attempt, progress) => writer.call("writeProgress", id, attempt, JSON.stringify(progress)),
    },
    keys: {
      list: async () => (await reader.call("listKeys")).map((key) => JSON.parse(key) as AccessKey),
      add: (key) => writer.call("addKey", key.name, JSON.stringify(key)),
      remove: (name) => writer.call("removeKey", name),
      countOpen: async () => new Map(await reader.call("countOpen")),
    },
    outbox: createOutboxStore(writer, reader),
    async fronts() {
      const rows = await reader.call("fronts");
      return rows.map(([lane, priority, id, dueSince]) => ({
        lane: String(lane),
        priority: Number(priority),
        id: String(id),
        dueSince: Number(dueSince),
      }));
    },
  };
}

function createOutboxStore(
  writer: ThreadClient<WriterVerbs>,
  reader: ThreadClient<ReaderVerbs>,
): OpenStore["outbox"] {
  return {
    add: (deliveries) => writer.call("addDeliveries", deliveries),
    async take(now, until, limit) {
      const { rows, nextDueAt } = await writer.call("takeDeliveries", now, until, limit);
      return { deliveries: rows.map(fromDeliveryRow), nextDueAt };
    },
    putBack: (ids, dueAt) => writer.call("putBackDeliveries", ids, dueAt),
    record: (id, attempt, next) => writer.call("recordDelivery", id, attempt, next),
    redeliver: (id, now) => writer.call("redeliver", id, now),
    async find(id) {
      const row = await reader.call("findDelivery", id);
      return row && fromDeliveryRow(row);
    },
    async list(filter) {
      const { rows, next } = await reader.call("listDeliveries", filter);
      return { deliveries: rows.map(fromDeliveryRow), next };
    },
    disable: (url, now) => writer.call("disableReceiver", url, now),
    enable: (url) => writer.call("enableReceiver", url),
    disabled: () => reader.call("goneReceivers"),
    prune: (endedBefore, limit) => writer.call("pruneDeliveries", endedBefore, limit),
  };
}

/** `row` is `DELIVERY_COLUMNS`. */
function fromDeliveryRow(row: Row): Delivery {
  const [id, endpoint, url, type, payload, taskId, client, taskState] = row;
  const [state, createdAt, nextAt, endedAt, tries, log] = row.slice(8);
  return {
    id: String(id),
    endpoint: textOrNull(endpoint),
    url: String(url),
    type: String(type),
    payload: textOrNull(payload),
    taskId: textOrNull(taskId),
    client: textOrNull(client),
    taskState: textOrNull(taskState) as FinalState | null,
    state: state as DeliveryState,
    createdAt: Number(createdAt),
    nextAt: typeof nextAt === "number" ? nextAt : null,
    endedAt: typeof endedAt === "number" ? endedAt : null,
    tries: Number(tries),
    log: typeof log === "string" ? (JSON.parse(`[${log}]`) as DeliveryAttempt[]) : [],
  };
}

function textOrNull(value: Row[number] | undefined): string | null {
  return typeof value === "string" ? value : null;
}

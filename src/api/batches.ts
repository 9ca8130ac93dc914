import type { ServerResponse } from "node:http";
import { z } from "zod";
import { type Clock, toIsoTime, toIsoTimeOrNull } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import type { BatchStore, BatchTally } from "../store/batches.ts";
import type { Store } from "../store/store.ts";
import { type Caller, owns } from "../task/caller.ts";
import { isFinal } from "../task/task.ts";
import type { WaitUntilFinal } from "../task/wait.ts";
import type { HolderOf } from "./access.ts";
import type { ControlInstance } from "./instance.ts";
import { TASK_PARAMS } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import { TOO_MANY_WAIT, WAIT_QUERY } from "./status.ts";
import type { ViewOptions } from "./task-view.ts";

export interface BatchStatusSettings {
  readonly batches: Pick<BatchStore, "tally">;
  readonly list: Store["list"];
  readonly find: Store["find"];
  readonly waitUntilFinal: WaitUntilFinal;
  readonly holderOf: HolderOf;
  readonly viewOptions: Pick<ViewOptions, "controlPrefix">;
  readonly clock: Clock;
}

const COUNT = z.int().nonnegative();
const INSTANT = z.string().meta({ format: "date-time" });

const BATCH = z
  .object({
    success: z.literal(true),
    batch_id: z.string(),
    size: z.int().positive().describe("Tasks that were submitted in it."),
    tasks: z
      .object({
        pending: COUNT,
        processing: COUNT,
        completed: COUNT,
        failed: COUNT,
        cancelled: COUNT,
        deleted: COUNT,
      })
      .describe("How many there are in each state; those deleted had ended."),
    percent: z.number().min(0).max(100).describe("Of its tasks, those that have ended."),
    client: z.string(),
    created_at: INSTANT,
    completed_at: INSTANT.nullable().describe("When the last task ended; null while one has not."),
    tasks_url: z.string(),
  })
  .meta({ id: "Batch" });

/** `GET /batches/{id}`. */
export function addBatchStatusRoute(app: ControlInstance, settings: BatchStatusSettings): void {
  app.route({
    method: "GET",
    url: "/batches/:id",
    config: { deed: "see" },
    schema: {
      operationId: "getBatch",
      summary: "How far a batch has come",
      params: TASK_PARAMS,
      querystring: WAIT_QUERY,
      response: {
        200: BATCH,
        400: problem("The id or a parameter is malformed."),
        404: problem("There is no such batch."),
        503: problem("Too many clients wait; without `wait` it is answered."),
      },
    },
    async handler({ params: { id }, query: { wait }, caller, raw }, reply) {
      let batch = visibleBatch(await settings.batches.tally(id), caller);
      if (wait > 0 && batch.completedAt === null) {
        const client = { response: reply.raw, holder: settings.holderOf(raw, caller) };
        await untilOver(id, wait * 1_000, client, settings);
        batch = visibleBatch(await settings.batches.tally(id), caller);
      }
      return reply.header("Cache-Control", "no-store").send(viewBatch(id, batch, settings.viewOptions));
    },
  });
}

function viewBatch(
  id: string,
  { size, stored, client, createdAt, completedAt }: BatchTally,
  { controlPrefix }: BatchStatusSettings["viewOptions"],
): z.output<typeof BATCH> {
  const left = stored.pending + stored.processing;
  const ended = stored.completed + stored.failed + stored.cancelled;
  return {
    success: true,
    batch_id: id,
    size,
    tasks: { ...stored, deleted: size - left - ended },
    percent: Math.floor(((size - left) / size) * 1_000) / 10,
    client,
    created_at: toIsoTime(createdAt),
    completed_at: toIsoTimeOrNull(completedAt),
    tasks_url: `${controlPrefix}/tasks?batch=${id}`,
  };
}

function visibleBatch(batch: BatchTally | null, caller: Caller): BatchTally {
  if (batch === null || !owns(caller, batch.client)) {
    throw new HeadgateError("not_found", "There is no such batch; its tasks may have been deleted.");
  }
  return batch;
}

/** Waits for one after the other of those that have not ended, until none is left, the time is over or the client leaves. */
async function untilOver(
  batch: string,
  timeoutMs: number,
  { response, holder }: { readonly response: ServerResponse; readonly holder: string },
  { list, find, waitUntilFinal, clock }: BatchStatusSettings,
): Promise<void> {
  const deadline = clock.monotonicMs() + timeoutMs;

  async function hasEnded(id: string): Promise<boolean> {
    const found = await find(id);
    return found === null || isFinal(found.task.state);
  }

  for (;;) {
    const next = (await list({ batch, state: "pending", limit: 1 })).tasks[0]?.id;
    const id = next ?? (await list({ batch, state: "processing", limit: 1 })).tasks[0]?.id;
    if (id === undefined) return;
    // Waits while it looks, so that an end in between is not missed.
    const wait = waitUntilFinal(id, Math.max(0, deadline - clock.monotonicMs()), holder);
    if (wait === null) throw TOO_MANY_WAIT;
    response.on("close", wait.leave);
    if (response.destroyed || (await hasEnded(id))) wait.leave();
    await wait.over;
    response.off("close", wait.leave);
    if (response.destroyed || !(await hasEnded(id))) return;
  }
}

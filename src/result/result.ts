import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import type { BodyStore, Store } from "../store/store.ts";
import type { AnswerPolicy } from "../task/decide.ts";
import { decide } from "../task/decide.ts";
import type { TaskEvents } from "../task/event.ts";
import type { Exchange } from "../task/exchange.ts";
import type { Settlement } from "../task/settlement.ts";
import type { ClaimedTask } from "../task/task.ts";

export interface ResultSettings {
  readonly clock: Clock;
  readonly random: () => number;
  readonly settle: Store["settle"];
  readonly discard: BodyStore["discard"];
  readonly emit: Emitter<TaskEvents>["emit"];
  readonly onStorageFull: () => void;
  /** Aborted when the process gives up waiting for room on the disk. */
  readonly stopping: AbortSignal;
}

/** Failures of the store that pass: the outcome is kept in memory, and its slot taken, until it can be written. */
const PASSING: ReadonlySet<string> = new Set(["storage_full", "storage_busy"]);

/** How long to wait before an outcome is offered again. */
const OFFER_AGAIN_MS = 500;

/**
 * What came back, decided and written: the end of an attempt. Only what the store really changed is announced; an
 * outcome that lost its lease, or that leads to another try, leaves no body behind.
 */
export function createResult(
  settings: ResultSettings,
): (task: ClaimedTask, exchange: Exchange, policy: AnswerPolicy, isCancelled?: boolean) => Promise<void> {
  const { clock, emit } = settings;

  async function settleWhenPossible(settlement: Settlement): Promise<boolean> {
    for (;;) {
      try {
        return await settings.settle(settlement);
      } catch (error) {
        const code = error instanceof HeadgateError ? error.code : "internal";
        if (!PASSING.has(code) || settings.stopping.aborted) throw error;
        if (code === "storage_full") settings.onStorageFull();
        await new Promise<void>((resolve) => clock.after(OFFER_AGAIN_MS, resolve));
      }
    }
  }

  return async (task, exchange, policy, isCancelled = exchange.kind === "cancelled") => {
    const settlement = decide(task, exchange, policy, {
      now: clock.now(),
      random: settings.random(),
    });
    const stands = await settleWhenPossible(settlement);
    const isKept = stands && settlement.to !== "pending";
    if (exchange.kind === "answered" && !isKept) await settings.discard(exchange.response.body);
    announce(task, settlement, stands ? "stands" : isCancelled ? "cancelled" : "rejected", emit);
  };
}

function announce(
  task: ClaimedTask,
  settlement: Settlement,
  verdict: "stands" | "cancelled" | "rejected",
  emit: ResultSettings["emit"],
): void {
  const { lane, client, attempt: number } = task;
  const id = task.lease.taskId;
  const { attempt, reason, error } = settlement;
  if (attempt?.outcome) {
    const { target, outcome, status, startedAt, endedAt } = attempt;
    emit("attempt.ended", {
      id,
      lane,
      client,
      attempt: number,
      target,
      outcome,
      status,
      durationMs: (endedAt ?? startedAt) - startedAt,
      error: attempt.error,
    });
  }
  if (verdict !== "stands") {
    // The one who cancelled it has announced that.
    if (verdict === "rejected") emit("settlement.rejected", { id, lane, attempt: number });
  } else if (settlement.to === "pending") {
    emit("task.requeued", {
      id,
      lane,
      client,
      attempt: number,
      reason,
      notBefore: settlement.notBefore,
      tried: attempt !== null,
    });
  } else {
    emit("task.ended", {
      id,
      lane,
      client,
      from: "processing",
      state: settlement.to,
      reason,
      attempt: number,
      error,
    });
  }
}

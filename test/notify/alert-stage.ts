// Rules over lanes and targets that a test sets, on a clock that it moves.

import type { AlertCondition, AlertRule } from "../../src/config/config.ts";
import { createEmitter } from "../../src/lib/emitter.ts";
import type { WatchedLane } from "../../src/notify/alert-finding.ts";
import { type Alerts, createAlerts } from "../../src/notify/alerts.ts";
import type { Notice } from "../../src/notify/notice.ts";
import type { LineFront } from "../../src/store/store.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import type { TargetState } from "../../src/task/target-state.ts";
import { createManualClock, type ManualClock } from "../lib/manual-clock.ts";

export interface AlertStage {
  readonly clock: ManualClock;
  readonly alerts: Alerts;
  readonly errors: readonly unknown[];
  /** Every message, by the endpoint that it is for. */
  readonly sent: readonly { readonly endpoint: string; readonly notice: Notice }[];
  /** Titles since it was last asked, with the endpoint. */
  titles(): readonly string[];
  lanes: readonly WatchedLane[];
  fronts: readonly LineFront[];
  targets: readonly TargetState[];
  /** Thrown instead of keeping a message. */
  failure: Error | null;
  /** Lets the time pass and every look that falls due end. */
  pass(ms: number): Promise<void>;
  fail(count: number, lane?: string): void;
  complete(count: number, lane?: string): void;
  emit: ReturnType<typeof createEmitter<TaskEvents>>["emit"];
}

const LOOK_MS = 2_000;

export function rule(name: string, when: AlertCondition, more: Partial<AlertRule> = {}): AlertRule {
  return { name, when, routes: [], notify: ["ops"], repeatMs: 3_600_000, ...more };
}

export function lane(name: string, more: Partial<WatchedLane> = {}): WatchedLane {
  return { name, pool: "pool", pending: 0, capacity: 100, hold: null, ...more };
}

export function target(url: string, more: Partial<TargetState> = {}): TargetState {
  return {
    pool: "pool",
    url,
    weight: 1,
    inFlight: 0,
    limit: null,
    healthy: null,
    circuit: "closed",
    failures: 0,
    openUntil: null,
    lastFailure: null,
    ...more,
  };
}

export async function stageAlerts(
  rules: readonly AlertRule[],
  locale: "en" | "zh" = "en",
): Promise<AlertStage> {
  const clock = createManualClock(Date.UTC(2026, 1, 4, 3, 4, 5));
  const errors: unknown[] = [];
  const events = createEmitter<TaskEvents>((error) => errors.push(error));
  const sent: { endpoint: string; notice: Notice }[] = [];
  let read = 0;
  let ended = 0;

  function end(count: number, name: string, state: "completed" | "failed"): void {
    for (let i = 0; i < count; i++) {
      events.emit("task.ended", {
        id: `task-${++ended}`,
        lane: name,
        client: "c",
        from: "processing",
        state,
        reason: state === "failed" ? "target_error" : "completed",
        attempt: 1,
        error: state === "failed" ? { code: "http_500", message: `failure ${ended}` } : null,
      });
    }
  }

  const alerts = createAlerts({
    config: { alerts: rules, locale },
    view: async () => ({
      now: clock.now(),
      monotonicMs: clock.monotonicMs(),
      lanes: stage.lanes,
      fronts: stage.fronts,
      targets: stage.targets,
    }),
    async notify(endpoints, notice) {
      if (stage.failure !== null) throw stage.failure;
      for (const endpoint of endpoints) sent.push({ endpoint, notice });
    },
    events,
    clock,
    onError: (thrown) => errors.push(thrown),
  });
  const stage: AlertStage = {
    clock,
    alerts,
    errors,
    sent,
    titles() {
      const titles = sent.slice(read).map(({ endpoint, notice }) => `${endpoint}: ${notice.title}`);
      read = sent.length;
      return titles;
    },
    lanes: [lane("a"), lane("b")],
    fronts: [],
    targets: [],
    failure: null,
    async pass(ms) {
      for (let left = ms; left > 0; left -= LOOK_MS) {
        clock.advance(Math.min(left, LOOK_MS));
        await settled();
      }
    },
    fail: (count, name = "a") => end(count, name, "failed"),
    complete: (count, name = "a") => end(count, name, "completed"),
    emit: events.emit,
  };
  alerts.start();
  await settled();
  return stage;
}

/** Every promise of a look that has begun: none of them waits for anything outside. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

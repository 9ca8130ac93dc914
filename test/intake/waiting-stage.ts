// A gate whose clients wait for the answer itself, on virtual time, with a store that is played.

import type { TestContext } from "node:test";
import { createEmitter } from "../../src/lib/emitter.ts";
import { createWaiting } from "../../src/notify/waiting.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import type { State, StoredResponse, Task } from "../../src/task/task.ts";
import { createManualClock, type ManualClock } from "../lib/manual-clock.ts";
import type { RawClient } from "../rig/raw-client.ts";
import { clientFor, type Gate, gateFor, type GateSettings } from "./gate.ts";

export const RESPONSE: StoredResponse = {
  status: 200,
  headers: ["Content-Type", "text/plain", "content-length", "5"],
  body: { kind: "inline", bytes: Buffer.from("hello") },
};

export interface Stage {
  readonly gate: Gate;
  readonly client: RawClient;
  readonly clock: ManualClock;
  readonly cancelled: readonly string[];
  readonly release: () => void;
  /** How many wait. */
  readonly waiting: () => number;
  /** Sends a request with these fields; resolves when its client waits. */
  ask(fields: string, method?: string): Promise<void>;
  /** Ends the latest task. */
  end(outcome: Outcome): void;
  /** Resolves when nobody waits any more. */
  readonly nobodyWaits: () => Promise<void>;
}

/** How a task ends. */
export type Outcome = Partial<Pick<Task, "state" | "reason" | "error">> & {
  readonly response?: StoredResponse;
};

export interface StageSettings extends GateSettings {
  /** How many may wait. */
  readonly maxWaiting?: number;
}

export async function waitingStage(t: TestContext, settings: StageSettings = {}): Promise<Stage> {
  const clock = createManualClock();
  const events = createEmitter<TaskEvents>((error) => {
    throw error;
  });
  const waiting = createWaiting(events, clock, settings.maxWaiting);
  const cancelled: string[] = [];
  let began = Promise.withResolvers<void>();
  let stopped = Promise.withResolvers<void>();
  let task: Task | null = null;
  let stored: StoredResponse | null = null;
  const gate: Gate = await gateFor(t, {
    ...settings,
    intake: {
      waitUntilFinal(id, timeoutMs, holder) {
        const wait = waiting.untilFinal(id, timeoutMs, holder);
        void wait?.over.then(() => stopped.resolve());
        began.resolve();
        return wait;
      },
      find: async (id) => ({ task: task ?? taskOf(gate, id, "pending"), position: 7 }),
      response: async () => stored,
      cancel: async (id) => void cancelled.push(id),
      ...settings.intake,
    },
  });
  const client = await clientFor(t, gate);
  return {
    gate,
    client,
    clock,
    cancelled,
    release: waiting.release,
    waiting: () => waiting.count,
    nobodyWaits: () => stopped.promise,
    async ask(fields, method = "POST") {
      began = Promise.withResolvers();
      stopped = Promise.withResolvers();
      task = null;
      await client.send(`${method} /x HTTP/1.1\r\nHost: gate:8080\r\n${fields}\r\n`);
      await began.promise;
    },
    end({ response, ...outcome }) {
      const latest = gate.tasks.at(-1)!;
      stored = response ?? null;
      const { state = "completed", reason = "completed", error = null } = outcome;
      const status = response?.status ?? null;
      task = { ...taskOf(gate, latest.id, state), reason, error, responseStatus: status };
      events.emit("task.ended", {
        id: latest.id,
        lane: "default",
        client: latest.client,
        from: "processing",
        state: state as "completed",
        reason,
        attempt: 1,
        error,
      });
    },
  };
}

/** A task of the gate as the store would show it. */
export function taskOf(gate: Gate, id: string, state: State): Task {
  const {
    request,
    weight: _,

    dedupe: _d,
    ...rest
  } = gate.tasks.find((each) => each.id === id)!;
  return {
    ...rest,
    state,
    reason: "queued",
    method: request.method,
    path: request.path,
    startedAt: null,
    completedAt: null,
    attempts: [],
    error: null,
    requestSizeBytes: 0,
    responseStatus: null,
    responseSizeBytes: null,
    progress: null,
  };
}

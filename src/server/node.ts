import type { Config } from "../config/config.ts";
import type { Dispatcher } from "../dispatch/dispatch.ts";
import { createDispatcher } from "../dispatch/dispatch.ts";
import type { ActiveLane } from "../dispatch/lane.ts";
import { recover } from "../dispatch/recover.ts";
import type { Admission } from "../intake/admission.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { Loop } from "../lib/loop.ts";
import { createResult } from "../result/result.ts";
import type { Cancellation, OpenStore } from "../store/store.ts";
import type { Pseudonym } from "../target/headers.ts";
import type { Sender } from "../target/send.ts";
import { createSender } from "../target/send.ts";
import { DEFAULT_POLICY } from "../task/decide.ts";
import type { TaskEvents } from "../task/event.ts";
import type { Capacity } from "../task/hold.ts";
import type { ClaimedTask } from "../task/task.ts";
import type { DiskSpace } from "./disk-space.ts";
import { createHousekeeping } from "./housekeeping.ts";

/** The working half of a node, wired back to front: store → dispatch → target → result → store. */
export interface Node {
  readonly dispatcher: Dispatcher;
  /** What this node calls itself in `Via`. */
  readonly pseudonym: string;
  /** Cancels a task wherever it is, and breaks off its attempt if it runs here. */
  cancel(id: string): Promise<Cancellation | null>;
  /** Recovers what an earlier life left, then starts to work. */
  start(): Promise<void>;
  /** Ends within `drainMs` and the time that breaking off takes: everything that ran is settled or handed back. */
  stop(drainMs: number): Promise<void>;
}

export interface NodeSettings {
  readonly name: string;
  readonly config: Config;
  readonly lanes: readonly ActiveLane[];
  readonly store: OpenStore;
  readonly admission: Admission;
  readonly disk: DiskSpace;
  readonly events: Emitter<TaskEvents>;
  readonly clock: Clock;
  readonly onError: (thrown: unknown) => void;
}

export function createNode(settings: NodeSettings): Node {
  const { name, config, lanes, store, admission, events, clock, onError } = settings;
  const { emit } = events;
  const pseudonym: Pseudonym = `headgate-${name}`;
  const givingUp = new AbortController();

  const settle = createResult({
    clock,
    random: Math.random,
    policyOf: (lane) => lanes.find(({ config }) => config.name === lane)?.config.policy ?? DEFAULT_POLICY,
    settle: store.settle,
    discard: store.bodies.discard,
    emit,
    onStorageFull: settings.disk.noteFull,
    stopping: givingUp.signal,
  });
  const sender: Sender = createSender({
    base: onlyTarget(config),
    pseudonym,
    connectTimeoutMs: config.connectTimeoutMs,
    maxResponseBytes: config.maxResponseBytes,
    preserveHost: config.preserveHost,
    receive: store.bodies.receive,
    readBody: store.bodies.read,
    clock,
  });
  const dispatcher = createDispatcher({
    node: name,
    lanes,
    clock,
    claim: store.claim,
    capacityOf: () => UNLIMITED,
    send: (task, _pool, signal) => sender.send(task, signal),
    settle,
    emit,
    onPending: admission.observe,
    onError,
  });
  const housekeeping: readonly Loop[] = createHousekeeping({
    node: name,
    clock,
    retentionMs: config.retentionMs,
    store,
    disk: settings.disk,
    events,
    recover: () => takeOver(false),
    abortCancelled: (id) => dispatcher.abort(id, "cancelled"),
    onError,
  });

  function takeOver(ownToo: boolean): Promise<void> {
    const onTakenOver = ({ lease, lane, attempt: number }: ClaimedTask): void =>
      emit("lease.taken_over", { id: lease.taskId, lane, attempt: number });
    return recover(
      { node: name, takeOver: store.takeOver, settle, onTakenOver, onError },
      clock.now(),
      ownToo,
    );
  }

  /** Places in line are counted by what the store answers; these changes happen outside of enqueue and claim. */
  function watchLine(): void {
    events.on("task.requeued", ({ lane }) => admission.shift(lane, 1));
    events.on("task.ended", ({ lane, from }) => {
      if (from === "pending") admission.shift(lane, -1);
    });
  }

  return {
    dispatcher,
    pseudonym,
    async cancel(id) {
      const cancellation = await store.cancel(id, clock.now());
      if (cancellation?.changed) {
        const { lane } = cancellation;
        const from = cancellation.from === "processing" ? "processing" : "pending";
        if (from === "processing") dispatcher.abort(id, "cancelled");
        emit("task.ended", {
          id,
          lane,
          from,
          state: "cancelled",
          reason: "cancelled",
          attempt: null,
          error: null,
        });
      }
      return cancellation;
    },
    async start() {
      watchLine();
      for (const { lane, stored } of await store.tally()) admission.observe(lane, stored.pending);
      await takeOver(true);
      for (const loop of housekeeping) loop.start();
      dispatcher.start();
    },
    async stop(drainMs) {
      const giveUp = clock.after(drainMs, () => givingUp.abort());
      await dispatcher.stop(drainMs);
      giveUp();
      for (const loop of housekeeping) await loop.stop();
      await sender.close();
    },
  };
}

/** Until pools are wired in. */
function onlyTarget({ pools }: Config): URL {
  const url = pools[0]?.targets[0]?.url;
  if (url === undefined) throw new Error("There is no target.");
  return url;
}

const UNLIMITED: Capacity = { reserve: (_lane, wanted) => wanted, giveBack: () => {}, hold: () => null };

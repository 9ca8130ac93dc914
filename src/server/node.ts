import type { LaneState } from "../api/snapshot.ts";
import type { Config } from "../config/config.ts";
import type { Dispatcher } from "../dispatch/dispatch.ts";
import { createDispatcher } from "../dispatch/dispatch.ts";
import { recover } from "../dispatch/recover.ts";
import type { Admission } from "../intake/admission.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { Loop } from "../lib/loop.ts";
import { createResult } from "../result/result.ts";
import type { Cancellation, OpenStore } from "../store/store.ts";
import type { Pseudonym } from "../target/headers.ts";
import { createPools, type Pools } from "../target/pools.ts";
import { type AnswerPolicy, DEFAULT_POLICY } from "../task/decide.ts";
import type { TaskEvents } from "../task/event.ts";
import { type LaneSettings, UNCHANGED } from "../task/lane.ts";
import type { ClaimedTask, RawHeaders } from "../task/task.ts";
import type { DiskSpace } from "./disk-space.ts";
import { createHousekeeping } from "./housekeeping.ts";
import { createLanes, type Lanes } from "./lanes.ts";
import { createRehoming } from "./rehome.ts";
import type { Secrets } from "./secrets.ts";
import type { Tracing } from "./tracing.ts";
import { createWayOut } from "./way-out.ts";

/** The working half of a node, wired back to front: store → dispatch → cache → targets → result → store. */
export interface Node {
  readonly dispatcher: Dispatcher;
  readonly lanes: Lanes;
  readonly pools: Pools;
  laneStates(): readonly LaneState[];
  /** What this node calls itself in `Via`. */
  readonly pseudonym: string;
  /** Cancels a task wherever it is, and breaks off its attempt if it runs here. */
  cancel(id: string): Promise<Cancellation | null>;
  /** Works by these routes and targets from now on; what runs goes on as it began. */
  configure(config: Pick<Config, "routes" | "pools" | "retentionMs" | "webhooks">): void;
  /** Recovers what an earlier life left, then starts to work. */
  start(): Promise<void>;
  /** Ends within `drainMs` and the time that breaking off takes: everything that ran is settled or handed back. */
  stop(drainMs: number): Promise<void>;
}

export interface NodeSettings {
  readonly name: string;
  readonly config: Config;
  /** The data folder; null when everything is in memory. */
  readonly folder: string | null;
  /** What was changed about lanes in earlier lives. */
  readonly changed: ReadonlyMap<string, LaneSettings>;
  readonly store: OpenStore;
  readonly admission: Admission;
  readonly disk: DiskSpace;
  /** As `SenderSettings.progressFields`. */
  readonly progressFields: (taskId: string, attempt: number) => RawHeaders;
  readonly secrets: Secrets;
  readonly tracing: Tracing;
  readonly events: Emitter<TaskEvents>;
  readonly clock: Clock;
  readonly onError: (thrown: unknown) => void;
}

export function createNode(settings: NodeSettings): Node {
  const { name, config, store, admission, events, clock, onError } = settings;
  const { emit } = events;
  const pseudonym: Pseudonym = `headgate-${name}`;
  const givingUp = new AbortController();
  let { retentionMs } = config;
  let deliveryRetentionMs = config.webhooks.retentionMs;

  const settle = createResult({
    clock,
    random: Math.random,
    settle: store.settle,
    discard: store.bodies.discard,
    emit,
    onStorageFull: settings.disk.noteFull,
    stopping: givingUp.signal,
  });
  const pools = createPools({
    pools: config.pools,
    pseudonym,
    connectTimeoutMs: config.connectTimeoutMs,
    maxResponseBytes: config.maxResponseBytes,
    preserveHost: config.preserveHost,
    progressFields: settings.progressFields,
    receive: store.bodies.receive,
    readBody: store.bodies.read,
    random: Math.random,
    clock,
    emit,
    onRoom: (pool) => dispatcher.wakePool(pool),
    onError,
  });
  const lanes: Lanes = createLanes({
    routes: config.routes,
    changed: settings.changed,
    write: store.lanes.write,
    emit,
    onChange: (active) => dispatcher.configure(active),
  });
  const wayOut = createWayOut({
    ...settings,
    pools,
    laneNamed: lanes.named,
    bodies: store.bodies,
    maxResponseBytes: config.maxResponseBytes,
  });
  const dispatcher = createDispatcher({
    node: name,
    lanes: lanes.all(),
    capacityOf: pools.capacityOf,
    clock,
    claim: store.claim,
    send: wayOut.send,
    settle,
    emit,
    onPending: admission.observe,
    onError,
  });
  const rehoming = createRehoming({
    ...store,
    match: lanes.match,
    laneNamed: lanes.named,
    namesHosts: () => lanes.all().some(({ route }) => route.hosts.length > 0),
    onMoved(from, to) {
      admission.shift(from, -1);
      admission.shift(to, 1);
      dispatcher.wake(to);
    },
    clock,
    onError,
  });
  const housekeeping: readonly Loop[] = [
    ...createHousekeeping({
      node: name,
      clock,
      // For lanes of routes that have gone, or have another name now, the longest time of any holds.
      retentionOf: (lane) =>
        lanes.named(lane)?.retentionMs ??
        Math.max(retentionMs, ...lanes.all().map(({ config }) => config.retentionMs)),
      deliveryRetentionMs: () => deliveryRetentionMs,
      store,
      disk: settings.disk,
      events,
      recover: () => takeOver(false),
      abortCancelled: (id) => dispatcher.abort(id, "cancelled"),
      onError,
    }),
    rehoming,
  ];

  function policyOf(lane: string): AnswerPolicy {
    return lanes.named(lane)?.policy ?? DEFAULT_POLICY;
  }

  function takeOver(ownToo: boolean): Promise<void> {
    const onTakenOver = ({ lease, lane, attempt: number }: ClaimedTask): void =>
      emit("lease.taken_over", { id: lease.taskId, lane, attempt: number });
    return recover(
      { node: name, takeOver: store.takeOver, policyOf, settle, onTakenOver, onError },
      clock.now(),
      ownToo,
    );
  }

  /** Places in line are counted by what the store answers; these changes happen outside of enqueue and claim. */
  function watchLine(): void {
    events.on("task.requeued", ({ lane }) => {
      admission.shift(lane, 1);
      // Its route went while it was tried.
      if (lanes.named(lane) === null) rehoming.wake();
    });
    events.on("task.ended", ({ lane, from }) => {
      if (from === "pending") admission.shift(lane, -1);
    });
  }

  return {
    dispatcher,
    lanes,
    pools,
    laneStates: () =>
      lanes.all().map(({ config, route, settings }) => ({
        config,
        route,
        settings,
        limit: dispatcher.slots(config.name),
        hold: dispatcher.hold(config.name),
      })),
    pseudonym,
    async cancel(id) {
      const cancellation = await store.cancel(id, clock.now());
      if (cancellation?.changed) {
        const { lane, client } = cancellation;
        const from = cancellation.from === "processing" ? "processing" : "pending";
        if (from === "processing") dispatcher.abort(id, "cancelled");
        emit("task.ended", {
          id,
          lane,
          client,
          from,
          state: "cancelled",
          reason: "cancelled",
          attempt: null,
          error: null,
        });
      }
      return cancellation;
    },
    configure(next) {
      ({ retentionMs } = next);
      deliveryRetentionMs = next.webhooks.retentionMs;
      // Lanes last: each finds its pool when it is woken.
      pools.configure(next.pools);
      lanes.configure(next.routes);
      rehoming.wake();
    },
    async start() {
      watchLine();
      for (const { lane, stored } of await store.tally()) admission.observe(lane, stored.pending);
      await takeOver(true);
      for (const { config: lane, settings } of lanes.all()) {
        if (settings !== UNCHANGED) emit("lane.changed", { lane: lane.name, settings });
      }
      for (const loop of housekeeping) loop.start();
      pools.start();
      dispatcher.start();
    },
    async stop(drainMs) {
      const giveUp = clock.after(drainMs, () => givingUp.abort());
      await dispatcher.stop(drainMs);
      giveUp();
      for (const loop of housekeeping) await loop.stop();
      await pools.close();
      wayOut.close();
    },
  };
}

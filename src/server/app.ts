import type { Server } from "node:http";
import { tmpdir } from "node:os";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { createControlApi } from "../api/control-api.ts";
import { needsRestart } from "../config/changes.ts";
import type { Config } from "../config/config.ts";
import { createAdmission } from "../intake/admission.ts";
import { createIntake } from "../intake/intake.ts";
import { createKeeper } from "../intake/keep.ts";
import { createResubmit } from "../intake/resubmit.ts";
import { createSubmitBatch } from "../intake/submit-batch.ts";
import { createClock } from "../lib/clock.ts";
import { createEmitter } from "../lib/emitter.ts";
import { HeadgateError, toError } from "../lib/error.ts";
import { createIdSource } from "../lib/id.ts";
import { VERSION } from "../lib/version.ts";
import { createStatistics } from "../notify/statistics.ts";
import { createWaiting } from "../notify/waiting.ts";
import { openStore } from "../store/open.ts";
import type { TaskEvents } from "../task/event.ts";
import { headerValue } from "../task/header.ts";
import { createPace } from "../task/pace.ts";
import { closeServer } from "./close-server.ts";
import { createControlTargetOf } from "./control-path.ts";
import { watchDiskSpace } from "./disk-space.ts";
import { createEdge } from "./edge.ts";
import { followPace } from "./follow-pace.ts";
import { createGuard } from "./guard.ts";
import { nodeName } from "./identity.ts";
import { createStatisticsLog, logEvents } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { createNode } from "./node.ts";
import { createNotices } from "./notices.ts";
import { createPageFiles } from "./page-files.ts";
import { createProgressLine } from "./progress.ts";
import { sealing } from "./sealed-store.ts";
import { openSecrets } from "./secrets.ts";
import { createTelling } from "./telling.ts";
import { createTracing } from "./tracing.ts";

/** A whole node, wired: what comes in goes to intake or to the control API, and the working half does the rest. */
export interface App {
  /** Not listening yet. */
  readonly edge: Server;
  start(): Promise<void>;
  keys(): number;
  hasPages(): Promise<boolean>;
  stop(): Promise<void>;
  /** As `RunningServer.reload`. */
  reload(config: Config): Promise<readonly string[]>;
  /** Resolves when the disk fails. */
  readonly failed: Promise<Error>;
}

type Phase = "starting" | "running" | "stopping";

export async function createApp(config: Config, log: Logger): Promise<App> {
  const clock = createClock();
  const { promise: failed, resolve: onFatal } = Promise.withResolvers<Error>();
  const onUnexpected = (thrown: unknown): void => log.error(toError(thrown), "unexpected error");
  const events = createEmitter<TaskEvents>(onUnexpected);
  const folder = config.store === "memory" ? null : config.dataDir;
  const opened = await openStore({ kind: config.store, folder: config.dataDir, onFatal });
  const secrets = await openSecrets(config, folder);
  const store = sealing(opened, secrets.vault);
  const tracing = createTracing(events);
  const name = await nodeName(folder);
  let inForce = config;

  const surroundings = { config, store, events, clock, onError: onUnexpected };
  const progress = createProgressLine({
    ...surroundings,
    deriveKey: secrets.deriveKey,
    running: () => node.dispatcher.running(),
    addressOf: () => edge.address(),
  });
  const pace = createPace({ clock, slotsOf: (lane) => node.dispatcher.slots(lane) });
  followPace(events, pace);
  const admission = createAdmission();
  const disk = watchDiskSpace({
    folder: folder ?? tmpdir(),
    minFreeBytes: folder === null ? 0 : config.minFreeDiskBytes,
    reusableBytes: store.reusableBytes,
    events,
  });
  const node = createNode({
    name,
    config,
    folder,
    changed: await store.lanes.read(),
    store,
    admission,
    disk,
    progressFields: progress.fields,
    secrets,
    tracing,
    events,
    clock,
    onError: onUnexpected,
  });
  let phase: Phase = "starting";
  const accepting = (): HeadgateError | null => (phase === "running" ? disk.refusal() : NOT_RUNNING[phase]);

  const webhooks = createNotices({ ...surroundings, node });
  const guard = await createGuard(surroundings);
  const telling = createTelling({
    ...surroundings,
    ...guard.control,
    mostStreams: config.maxStreams,
  });
  const keeper = createKeeper({
    enqueue: store.enqueue,
    enqueueBatch: store.batches.enqueue,
    discard: store.bodies.discard,
    admission,
    pace,
    onAccepted: node.dispatcher.wake,
    emit: events.emit,
  });
  const waiting = createWaiting(events, clock, config.maxWaiting);
  const controlTargetOf = createControlTargetOf(config.controlPrefix);
  const wayIn = {
    ...config,
    ...guard.intake,
    laneFor: node.lanes.match,
    isControl: (method: string, target: string) => controlTargetOf(method, target) !== null,
    keeper,
    findKey: store.idempotency.find,
    receive: store.bodies.receive,
    discard: store.bodies.discard,
    accepting,
    weightOf: (client: string): number => inForce.weights.get(client) ?? 1,
    callbacksFor: webhooks.callbacksFor,
    emit: events.emit,
    newId: createIdSource(clock),
    clock,
  };
  const intake = createIntake({
    ...store,
    ...wayIn,
    readBody: store.bodies.read,
    unseal: secrets.vault.open,
    waitUntilFinal: waiting.untilFinal,
    cancel: node.cancel,
    etaSeconds: pace.etaSeconds,
    onUnexpected,
    viaPseudonym: node.pseudonym,
  });
  const statistics = createStatistics(events, clock);
  const metrics = createMetrics({
    events,
    tally: store.tally,
    lanes: node.laneStates,
    targets: node.pools.states,
    connections: () => ({ waiting: waiting.count, streams: telling.streamCount() }),
    version: VERSION,
  });
  const pages = createPageFiles();
  const api: FastifyInstance = await createControlApi({
    ...store,
    readBody: store.bodies.read,
    ...telling.api,
    ...progress.api,
    unseal: secrets.vault.open,
    ...webhooks.control,
    ...guard.control,
    pages,
    cancel: node.cancel,
    resubmit: createResubmit({
      ...store,
      ...wayIn,
      copy: store.bodies.copy,
      laneFor: ({ lane, method, path }, headers) =>
        node.lanes.named(lane) ?? node.lanes.match(method, path, headerValue(headers, "host")),
    }),
    submitBatch: createSubmitBatch({ ...store, ...wayIn }),
    wake: node.dispatcher.wake,
    waitUntilFinal: waiting.untilFinal,
    emit: events.emit,
    pace,
    statistics: statistics.read,
    running: () => [...node.dispatcher.running()].map(({ task }) => task),
    lanes: node.laneStates,
    changeLane: node.lanes.change,
    targets: node.pools.states,
    metrics: async () => ({ type: metrics.type, text: await metrics.text() }),
    readiness: () => (phase === "running" ? null : phase),
    viewOptions: { ...config, targetOf: node.pools.targetOf, holdOf: node.dispatcher.hold },
    clock,
    startedAt: clock.now(),
    version: VERSION,
    locale: config.locale,
    onUnexpected,
  });
  const edge = createEdge({
    control: api.routing,
    forward: tracing.accept(intake.handle),
    controlPrefix: config.controlPrefix,
    clock,
  });
  const stopLoggingEvents = logEvents(log, events, clock);
  const statisticsLog = createStatisticsLog(log, statistics.read, config.statsIntervalMs, clock);

  return {
    edge,
    failed,
    keys: () => guard.control.keys.list().length,
    hasPages: async () => (await pages.html("index")) !== null,
    async start() {
      await node.start();
      webhooks.start();
      statisticsLog.start();
      phase = "running";
    },
    async reload(next) {
      if (phase === "stopping") throw NOT_RUNNING.stopping;
      guard.expectKeys(next);
      inForce = next;
      secrets.fields.configure(next.secretHeaders);
      node.configure(next);
      webhooks.configure(next);
      guard.configure(next);
      return needsRestart(config, next);
    },
    async stop() {
      phase = "stopping";
      await node.stop(config.drainTimeoutMs);
      await webhooks.stop();
      await statisticsLog.stop();
      waiting.release();
      progress.stop();
      await telling.stop();
      await closeServer(edge, clock, () => log.warn("connections cut that did not end by themselves"));
      await api.close();
      await store.close();
      stopLoggingEvents();
    },
  };
}

const NOT_RUNNING = Object.freeze({
  starting: new HeadgateError("not_ready", "This node is starting.", { retryAfterSeconds: 1 }),
  stopping: new HeadgateError("shutting_down", "This node is stopping.", { retryAfterSeconds: 5 }),
});

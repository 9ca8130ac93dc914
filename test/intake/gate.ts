// The way in on a real socket: edge and intake, with a store and a control API that are played.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import type { TestContext } from "node:test";
import type { LaneConfig } from "../../src/config/config.ts";
import { createAdmission } from "../../src/intake/admission.ts";
import { createIntake, type IntakeSettings } from "../../src/intake/intake.ts";
import { createKeeper, type KeeperSettings } from "../../src/intake/keep.ts";
import { createClock } from "../../src/lib/clock.ts";
import { HeadgateError } from "../../src/lib/error.ts";
import { createIdSource } from "../../src/lib/id.ts";
import { createEdge, type EdgeLimits } from "../../src/server/edge.ts";
import type { BodySink } from "../../src/store/store.ts";
import { ANYONE } from "../../src/task/caller.ts";
import { NO_CHARGE } from "../../src/task/charge.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import type { Body, NewTask } from "../../src/task/task.ts";
import { newLane } from "../rig/lane.ts";
import { connectRaw, type RawClient } from "../rig/raw-client.ts";

export const LANE: LaneConfig = newLane();

export interface Gate {
  readonly port: number;
  /** What was stored, in order. */
  readonly tasks: readonly NewTask[];
  /** `METHOD target` of what reached the control API. */
  readonly control: readonly string[];
  readonly events: readonly { readonly name: keyof TaskEvents; readonly payload: unknown }[];
  readonly sinks: readonly PlayedSink[];
  readonly discarded: readonly Body[];
  readonly woken: readonly string[];
  readonly unexpected: readonly unknown[];
  readonly admission: ReturnType<typeof createAdmission>;
  /** Resolves when the first connection has ended on this side. */
  readonly left: Promise<void>;
}

export interface GateSettings {
  readonly intake?: Partial<IntakeSettings>;
  readonly keeper?: Partial<KeeperSettings>;
  readonly limits?: Partial<EdgeLimits>;
  readonly lane?: Partial<typeof LANE>;
  /** Room in a sink; by default there is always some. */
  readonly room?: (receivedBytes: number) => Promise<void> | undefined;
  /** What finishing a sink waits for; by default nothing. */
  readonly finished?: Promise<void>;
}

/** Opens a gate for the time of a test. */
export async function gateFor(t: TestContext, settings: GateSettings = {}): Promise<Gate> {
  const clock = createClock();
  const lane = { ...LANE, ...settings.lane };
  const admission = createAdmission();
  const seen = {
    tasks: [] as NewTask[],
    control: [] as string[],
    events: [] as { name: keyof TaskEvents; payload: unknown }[],
    sinks: [] as PlayedSink[],
    discarded: [] as Body[],
    woken: [] as string[],
    unexpected: [] as unknown[],
  };
  const emit: IntakeSettings["emit"] = (name, payload) => void seen.events.push({ name, payload });
  const discard = async (body: Body): Promise<void> => void seen.discarded.push(body);
  const keeper = createKeeper({
    async enqueue(task) {
      seen.tasks.push(task);
      return { position: seen.tasks.length, pending: seen.tasks.length };
    },
    enqueueBatch: async () => Promise.reject(new Error("No batches here.")),
    discard,
    admission,
    pace: { retryAfterSeconds: () => 7, startsInSeconds: () => null, placesWithin: () => Infinity },
    onAccepted: (name) => seen.woken.push(name),
    emit,
    ...settings.keeper,
  });
  const intake = createIntake({
    laneFor: () => lane,
    keeper,
    receive(maxBytes) {
      const sink = createPlayedSink(maxBytes, settings);
      seen.sinks.push(sink);
      return sink;
    },
    discard,
    findKey: async () => null,
    idempotencyTtlMs: 60_000,
    etaSeconds: (_lane, position) => position * 3,
    accepting: () => null,
    weightOf: () => 1,
    callbacksFor: () => [],
    submitterOf: () => ANYONE,
    charge: () => NO_CHARGE,
    emit,
    onUnexpected: (error) => seen.unexpected.push(error),
    newId: createIdSource(clock),
    clock,
    viaPseudonym: "gate-1",
    trustedProxies: [],
    controlPrefix: "",
    maxBodyBytes: 1024 * 1024,
    locale: "en",
    waitUntilFinal() {
      throw new Error("Nobody waits here.");
    },
    find: async () => null,
    response: async () => null,
    readBody: () => Readable.from([]),
    unseal: (headers) => headers,
    cancel: async () => {},
    ...settings.intake,
  });
  const server = createEdge({
    control(request, response) {
      seen.control.push(`${request.method} ${request.url}`);
      response.end("control");
    },
    forward: intake.handle,
    controlPrefix: settings.intake?.controlPrefix ?? "",
    clock,
    ...(settings.limits === undefined ? {} : { limits: settings.limits }),
  });
  const left = Promise.withResolvers<void>();
  server.on("connection", (socket) => socket.once("close", left.resolve));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return { ...seen, admission, left: left.promise, port: (server.address() as AddressInfo).port };
}

/** A client of a gate for the time of a test. */
export async function clientFor(t: TestContext, gate: Gate): Promise<RawClient> {
  const client = await connectRaw(gate.port);
  t.after(() => client.socket.destroy());
  return client;
}

export interface PlayedSink extends BodySink {
  readonly receivedBytes: number;
  readonly end: "open" | "finished" | "aborted";
  /** Resolves when the sink was finished or aborted. */
  readonly over: Promise<void>;
}

function createPlayedSink(maxBytes: number, { room, finished }: GateSettings): PlayedSink {
  const chunks: Uint8Array[] = [];
  const over = Promise.withResolvers<void>();
  const sink = {
    receivedBytes: 0,
    end: "open" as PlayedSink["end"],
    over: over.promise,
    write(chunk: Uint8Array) {
      sink.receivedBytes += chunk.byteLength;
      if (sink.receivedBytes > maxBytes) throw new HeadgateError("body_too_large", "That is too much.");
      chunks.push(new Uint8Array(chunk));
      return room?.(sink.receivedBytes);
    },
    async finish(): Promise<Body> {
      sink.end = "finished";
      over.resolve();
      await finished;
      return { kind: "inline", bytes: new Uint8Array(Buffer.concat(chunks)) };
    },
    async abort() {
      sink.end = "aborted";
      over.resolve();
    },
  };
  return sink;
}

import { isDeepStrictEqual } from "node:util";
import type { HealthConfig, PoolConfig, TargetConfig } from "../config/config.ts";
import type { Cancel } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { TaskEvents } from "../task/event.ts";
import type { Exchange } from "../task/exchange.ts";
import type { TargetState } from "../task/target-state.ts";
import { type Check, createCheck } from "./check.ts";
import type { Candidate } from "./choose.ts";
import { type Circuit, createCircuit } from "./circuit.ts";
import { createSender, type Outgoing, type SenderSettings } from "./send.ts";
import { judge } from "./verdict.ts";

/** One target of a pool: the way to it and how it stands. */
export interface Target extends Candidate {
  /** By its active checks; null while they have said nothing. */
  readonly healthy: boolean | null;
  readonly circuit: Circuit;
  /** Requests it may get now, for a lane or, with null, for any that it has not asked to be left alone by. */
  room(lane: string | null): number;
  /** Until when it asked to be left alone by a lane (ms since the epoch). */
  leftAloneUntil(lane: string): number | null;
  /** Sends and learns from what came of it. Never rejects. */
  send(outgoing: Outgoing, lane: string, signal: AbortSignal): Promise<Exchange>;
  state(): TargetState;
  configure(config: TargetConfig, pool: PoolConfig): void;
  /** Begins the active checks, if there are any. */
  start(): void;
  /** Lets what is under way end, and closes the connections. */
  close(): Promise<void>;
}

export interface TargetSettings extends Omit<SenderSettings, "base"> {
  /** Requests that a target of this URL has from before it left the configuration and came back. */
  readonly formerlyAt: (url: string) => number;
  /** A request that began before its target left the configuration has ended. */
  readonly onFormerEnd: () => void;
  readonly random: () => number;
  readonly emit: Emitter<TaskEvents>["emit"];
  readonly onError: (thrown: unknown) => void;
}

/** A longer `Retry-After` is cut to this: one broken answer must not stop a lane for a year. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** How a target is named everywhere: the base URL without a slash at the end. */
export function nameOf({ origin, pathname }: URL): string {
  return origin + pathname.replace(/\/+$/, "");
}

/** `onRoom` is called when the target may take requests again for another reason than the end of one. */
export function createTarget(
  initial: TargetConfig,
  pool: PoolConfig,
  settings: TargetSettings,
  onRoom: () => void,
): Target {
  const { clock, emit } = settings;
  const url = nameOf(initial.url);
  const sender = createSender({ ...settings, base: initial.url });
  const leftAlone = new Map<string, { readonly until: number; readonly cancel: Cancel }>();
  const circuit = createCircuit({
    config: pool.circuit,
    clock,
    random: settings.random,
    onChange(from) {
      const { state: to, failures, openUntil: until } = circuit;
      emit("target.circuit", { pool: pool.name, target: url, from, to, failures, until });
      if (to !== "open") onRoom();
    },
  });
  let { weight, maxConcurrent: limit } = initial;
  let isAlone = pool.targets.length === 1;
  let health = pool.health;
  let check = newCheck(health, null);
  let isStarted = false;
  let inFlight = 0;
  let lastFailure: string | null = null;
  let isClosed = false;
  const endings = new Set<Promise<void>>();

  function newCheck(config: HealthConfig | null, healthy: boolean | null): Check | null {
    if (config === null) return null;
    return createCheck({
      target: url,
      config,
      healthy,
      clock,
      onChange(healthy, why) {
        emit("target.health", { pool: pool.name, target: url, healthy, why });
        if (healthy) onRoom();
      },
      onError: settings.onError,
    });
  }

  function leaveAlone(lane: string, forMs: number): void {
    const until = clock.now() + Math.min(forMs, LONGEST_RETRY_AFTER_MS);
    const before = leftAlone.get(lane);
    if (forMs === 0 || (before !== undefined && before.until >= until)) return;
    before?.cancel();
    const cancel = clock.after(until - clock.now(), () => {
      leftAlone.delete(lane);
      onRoom();
    });
    leftAlone.set(lane, { until, cancel });
  }

  function retire(old: Check | null): void {
    if (old === null) return;
    const end = old.stop().finally(() => endings.delete(end));
    endings.add(end);
  }

  return {
    url,
    turn: 0,
    get weight() {
      return weight;
    },
    get inFlight() {
      return inFlight;
    },
    get healthy() {
      return check?.healthy ?? null;
    },
    circuit,
    room(lane) {
      if (check?.healthy === false || !circuit.passes()) return 0;
      if (leftAlone.size > 0 && lane !== null && leftAlone.has(lane)) return 0;
      const room = limit === null ? Infinity : Math.max(0, limit - inFlight - settings.formerlyAt(url));
      return circuit.state === "closed" ? room : Math.min(1, room);
    },
    leftAloneUntil: (lane) => leftAlone.get(lane)?.until ?? null,
    async send(outgoing, lane, signal) {
      const passage = circuit.enter();
      inFlight += 1;
      const exchange = await sender.send(outgoing, signal);
      inFlight -= 1;
      const { kind, failure, leaveAloneMs } = judge(exchange, clock.now(), isAlone);
      if (isClosed) {
        settings.onFormerEnd();
        return exchange;
      }
      if (failure !== null) lastFailure = failure;
      if (leaveAloneMs !== null) leaveAlone(lane, leaveAloneMs);
      circuit.leave(passage, kind);
      return exchange;
    },
    state: () => ({
      pool: pool.name,
      url,
      weight,
      inFlight,
      limit,
      healthy: check?.healthy ?? null,
      circuit: circuit.state,
      failures: circuit.failures,
      openUntil: circuit.openUntil,
      lastFailure,
    }),
    configure(config, changed) {
      ({ weight, maxConcurrent: limit } = config);
      isAlone = changed.targets.length === 1;
      circuit.configure(changed.circuit);
      if (isDeepStrictEqual(health, changed.health)) return;
      const isSameQuestion = health?.path === changed.health?.path;
      const known = isSameQuestion ? (check?.healthy ?? null) : null;
      retire(check);
      health = changed.health;
      check = newCheck(health, known);
      if (isStarted) check?.start();
    },
    start() {
      isStarted = true;
      check?.start();
    },
    async close() {
      isClosed = true;
      retire(check);
      circuit.stop();
      for (const { cancel } of leftAlone.values()) cancel();
      await Promise.all([...endings, sender.close()]);
    },
  };
}

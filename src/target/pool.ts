import type { PoolConfig } from "../config/config.ts";
import type { AbortReason, Exchange } from "../task/exchange.ts";
import type { Capacity } from "../task/hold.ts";
import type { TargetState } from "../task/target-state.ts";
import type { ClaimedTask } from "../task/task.ts";
import { type Choose, createChoice } from "./choose.ts";
import { brokenOff, postponed } from "./ending.ts";
import { isFaultOfTarget } from "./failure.ts";
import { holdAt, roomAt } from "./hold.ts";
import { createRetryBudget, type RetryBudget } from "./retry-budget.ts";
import type { Outgoing } from "./send.ts";
import { createTarget, nameOf, type Target, type TargetSettings } from "./target.ts";

/**
 * Targets that are interchangeable. Places are counted for the pool, and a target is chosen when a task is sent: until
 * then nothing is decided that the next failure could make wrong.
 */
export interface Pool extends Capacity {
  /** Its targets, one a line. */
  readonly identity: string;
  /** Uses up one reserved place; never rejects. */
  send(task: ClaimedTask, signal: AbortSignal): Promise<Exchange>;
  states(): TargetState[];
  configure(config: PoolConfig): void;
  start(): void;
  close(): Promise<void>;
}

export interface PoolSettings extends TargetSettings {
  /** At which target each running task is now. */
  readonly whereabouts: Map<string, string>;
  /** Targets that are configured no longer and finish what they have. */
  readonly former: Set<Target>;
  /** Called when a pool may have room again that had none when it was asked. */
  readonly onRoom: (pool: string) => void;
}

/** A retry that is held back waits this long, and a random part more of a spread that grows with each of the last minute. */
const HELD_BACK_MS = 1_000;
const HELD_BACK_SPREAD_MS = 4_000;
const HELD_BACK_EACH_MS = 40;
const HELD_BACK_MOST_MS = 60_000;

export function createPool(initial: PoolConfig, settings: PoolSettings): Pool {
  const { clock, random, emit, whereabouts, former } = settings;
  const { name } = initial;
  const leaving = new Set<Promise<void>>();
  let config = initial;
  let targets: readonly Target[] = [];
  let identity = "";
  let choose: Choose = createChoice(config.balance, random);
  let budget: RetryBudget = createRetryBudget(config.retryBudget, clock);
  let isStarted = false;
  let closing: Promise<void> | null = null;
  let held = 0;
  let heldSince = 0;
  /** Places that were given and not used yet. */
  let reserved = 0;
  /** Somebody found no place, and the end of a request may give one. */
  let isAwaited = false;

  const onRoom = (): void => settings.onRoom(name);

  function room(lane: string | null): number {
    return roomAt(targets, lane) - reserved;
  }

  function free(places: number): void {
    // Never below none: places of an earlier pool of this name may be given back to this one.
    reserved = Math.max(0, reserved - places);
    tellRoom();
  }

  function tellRoom(): void {
    if (!isAwaited || room(null) <= 0) return;
    isAwaited = false;
    onRoom();
  }

  /** With no closed circuit only a probe can go, one at a time, and it is what ends the outage: that is never held. */
  function isHeldBack({ attempt, lane }: ClaimedTask): boolean {
    if (attempt === 1) return false;
    const isProbe = targets.every((target) => target.room(lane) === 0 || target.circuit.state !== "closed");
    return !isProbe && !budget.withdraw();
  }

  /** The more are held back, the longer for each: a thousand that ask every second would keep the store busy for nothing. */
  function heldBackMs(): number {
    const now = clock.monotonicMs();
    if (now - heldSince > HELD_BACK_MOST_MS) [heldSince, held] = [now, 0];
    held += 1;
    const spreadMs = Math.min(HELD_BACK_MOST_MS, HELD_BACK_SPREAD_MS + held * HELD_BACK_EACH_MS);
    return HELD_BACK_MS + Math.round(random() * spreadMs);
  }

  /** What can be said without trying. */
  function refuse(task: ClaimedTask, signal: AbortSignal): Exchange | null {
    if (signal.aborted) return brokenOff(null, signal.reason as AbortReason, false);
    if (closing !== null) return brokenOff(null, "interrupted", false);
    if (!isHeldBack(task)) return null;
    emit("retry.held_back", { id: task.lease.taskId, lane: task.lane, pool: name });
    return postponed("retry_backoff", clock.now() + heldBackMs());
  }

  /** What never left goes to one target after the other, as long as there are others and time. */
  async function sendToOneOf(first: Target, task: ClaimedTask, signal: AbortSignal): Promise<Exchange> {
    const { lane, timeoutMs, lease } = task;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    let tried: Set<Target> | null = null;
    let outgoing: Outgoing = task;
    let target = first;
    for (;;) {
      whereabouts.set(lease.taskId, target.url);
      const exchange = await target.send(outgoing, lane, signal);
      whereabouts.delete(lease.taskId);
      tellRoom();
      if (!isForAnother(exchange)) return exchange;
      tried = (tried ?? new Set()).add(target);
      const leftMs = deadlineMs - clock.monotonicMs();
      const next = leftMs > 0 && closing === null ? chooseFor(task, tried) : null;
      if (next === null) return exchange;
      target = next;
      outgoing = { ...task, timeoutMs: leftMs };
    }
  }

  function chooseFor({ request, lane }: ClaimedTask, tried: ReadonlySet<Target> | null): Target | null {
    return choose(targets, request, (target) => target.room(lane) > 0 && !tried?.has(target));
  }

  function configure(changed: PoolConfig): void {
    const before = new Map(targets.map((target) => [target.url, target]));
    const wanted = new Map(changed.targets.map((target) => [nameOf(target.url), target]));
    if (changed.retryBudget !== config.retryBudget) budget = createRetryBudget(changed.retryBudget, clock);
    config = changed;
    choose = createChoice(config.balance, random);
    targets = [...wanted].map(([url, target]) => {
      const known = before.get(url) ?? createTarget(target, config, settings, onRoom);
      known.configure(target, config);
      if (isStarted) known.start();
      return known;
    });
    identity = [...wanted.keys()].toSorted((a, b) => a.localeCompare(b)).join("\n");
    for (const [url, target] of before) if (!wanted.has(url)) leave(target);
  }

  function isOutage(): boolean {
    return targets.every(({ circuit }) => circuit.state !== "closed");
  }

  function leave(target: Target): void {
    former.add(target);
    const end = target.close().finally(() => {
      former.delete(target);
      leaving.delete(end);
    });
    leaving.add(end);
  }

  configure(initial);
  return {
    reserve(lane, wanted) {
      const places = Math.max(0, Math.min(wanted, room(lane)));
      reserved += places;
      if (places < wanted) isAwaited ||= places > 0 || endsWithARequest(holdAt(targets, lane).kind);
      return places;
    },
    giveBack: free,
    hasRoom: () => room(null) > 0,
    hold(lane) {
      if (room(lane) > 0) return null;
      const hold = holdAt(targets, lane);
      isAwaited ||= endsWithARequest(hold.kind);
      return hold;
    },
    async send(task, signal) {
      reserved = Math.max(0, reserved - 1);
      const refusal = refuse(task, signal);
      const target = refusal === null ? chooseFor(task, null) : null;
      if (target === null) {
        tellRoom();
        return refusal ?? postponed("queued", null);
      }
      if (task.attempt === 1) budget.deposit();
      const exchange = await sendToOneOf(target, task, signal);
      if (task.attempt > 1 && isAnsweredWell(exchange)) budget.giveBack();
      // Nothing left, and an outage is known: a task waits for its end without using up its attempts.
      return isForAnother(exchange) && isOutage() ? postponed("queued", null) : exchange;
    },
    get identity() {
      return identity;
    },
    states: () => targets.map((target) => target.state()),
    configure(changed) {
      configure(changed);
      onRoom();
    },
    start() {
      isStarted = true;
      for (const target of targets) target.start();
    },
    close() {
      for (const target of closing === null ? targets : []) leave(target);
      closing ??= Promise.all(leaving).then(() => {});
      return closing;
    },
  };
}

/** The others end by themselves, and tell. */
function endsWithARequest(kind: string): boolean {
  return kind === "target_limit" || kind === "circuit_open";
}

function isForAnother(exchange: Exchange): boolean {
  return exchange.kind === "never_sent" && isFaultOfTarget(exchange.error, false);
}

/** Whatever a route makes of its statuses: one that is retried again and again must not pay for itself. */
function isAnsweredWell(exchange: Exchange): boolean {
  return exchange.kind === "answered" && exchange.response.status < 400;
}

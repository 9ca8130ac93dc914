import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { Loop } from "../lib/loop.ts";
import { createLoop } from "../lib/loop.ts";
import type { OpenStore } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import type { DiskSpace } from "./disk-space.ts";

/** A node's word that it lives is good for so long; it is given three times as often. */
const LEASE_MS = 30_000;

const RENEW_EVERY_MS = LEASE_MS / 3;
const LOOK_EVERY_MS = 1_000;
const PRUNE_EVERY_MS = 60_000;

/** Small enough that a commit of a client's task never waits long behind it. */
const PRUNED_AT_ONCE = 200;
const GIVEN_UP_AT_ONCE = 200;

export interface HousekeepingSettings {
  readonly node: string;
  readonly clock: Clock;
  /** How long the final tasks of a lane are kept, in ms. */
  readonly retentionOf: (lane: string) => number;
  /** How long deliveries that ended are kept, in ms. */
  readonly deliveryRetentionMs: () => number;
  readonly store: Pick<OpenStore, "renew" | "giveUp" | "prune" | "tally" | "outbox" | "idempotency">;
  readonly disk: DiskSpace;
  readonly events: Emitter<TaskEvents>;
  /** Takes over what nodes that are gone have left. */
  readonly recover: () => Promise<void>;
  /** Breaks off a running attempt whose task was cancelled through another node. */
  readonly abortCancelled: (id: string) => void;
  readonly onError: (thrown: unknown) => void;
}

/** What a node does from time to time whether or not anybody asks. */
export function createHousekeeping(settings: HousekeepingSettings): readonly Loop[] {
  const { clock, store, events } = settings;

  async function live(): Promise<number> {
    for (const id of await store.renew(settings.node, clock.now() + LEASE_MS)) settings.abortCancelled(id);
    await settings.recover();
    return RENEW_EVERY_MS;
  }

  async function look(): Promise<number> {
    await settings.disk.check();
    const expired = await store.giveUp(clock.now(), GIVEN_UP_AT_ONCE);
    for (const { id, lane, client } of expired) {
      events.emit("task.ended", {
        id,
        lane,
        client,
        from: "pending",
        state: "failed",
        reason: "expired_in_queue",
        attempt: null,
        error: null,
      });
    }
    return expired.length === GIVEN_UP_AT_ONCE ? 0 : LOOK_EVERY_MS;
  }

  async function prune(): Promise<number> {
    let isMoreLeft = false;
    for (const { lane, stored } of await store.tally()) {
      if (stored.completed + stored.failed + stored.cancelled === 0) continue;
      const count = await store.prune(clock.now() - settings.retentionOf(lane), PRUNED_AT_ONCE, lane);
      if (count > 0) events.emit("tasks.pruned", { count });
      isMoreLeft ||= count === PRUNED_AT_ONCE;
    }
    return isMoreLeft ? 0 : PRUNE_EVERY_MS;
  }

  async function forget(): Promise<number> {
    const now = clock.now();
    const keys = await store.idempotency.forget(now, PRUNED_AT_ONCE);
    const deliveries = await store.outbox.prune(now - settings.deliveryRetentionMs(), PRUNED_AT_ONCE);
    return Math.max(keys, deliveries) === PRUNED_AT_ONCE ? 0 : PRUNE_EVERY_MS;
  }

  return [live, look, prune, forget].map((poll) => createLoop(poll, clock, settings.onError));
}

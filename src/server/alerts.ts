import type { Config } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { type Alerts, createAlerts } from "../notify/alerts.ts";
import type { OpenStore } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import type { Node } from "./node.ts";
import type { WebhookService } from "./webhooks.ts";

export interface AlertingSettings {
  readonly config: Config;
  readonly store: Pick<OpenStore, "tally" | "fronts">;
  readonly node: Pick<Node, "laneStates" | "pools">;
  readonly notify: WebhookService["notify"];
  readonly events: Emitter<TaskEvents>;
  readonly clock: Clock;
  readonly onError: (thrown: unknown) => void;
}

/** What rules look at: the counts of the store, and lanes and targets as this node works them. */
export function createAlerting(settings: AlertingSettings): Alerts {
  const { store, node, clock } = settings;
  return createAlerts({
    ...settings,
    async view() {
      const [tallies, fronts] = await Promise.all([store.tally(), store.fronts()]);
      const pending = new Map(tallies.map(({ lane, stored }) => [lane, stored.pending]));
      return {
        now: clock.now(),
        monotonicMs: clock.monotonicMs(),
        lanes: node.laneStates().map(({ config: { name, pool, maxQueueSize }, hold }) => ({
          name,
          pool,
          pending: pending.get(name) ?? 0,
          capacity: maxQueueSize,
          hold,
        })),
        targets: node.pools.states(),
        fronts,
      };
    },
  });
}

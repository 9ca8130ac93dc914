import type { Config } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { OpenStore } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import { createAlerting } from "./alerts.ts";
import type { Node } from "./node.ts";
import { createWebhookService, type WebhookService } from "./webhooks.ts";

export interface NoticesSettings {
  readonly config: Config;
  readonly store: OpenStore;
  readonly node: Pick<Node, "laneStates" | "pools">;
  readonly events: Emitter<TaskEvents>;
  readonly clock: Clock;
  readonly onError: (thrown: unknown) => void;
}

/** Who is told, and of what: webhooks carry messages about tasks, and those of the alerts. */
export function createNotices(settings: NoticesSettings): WebhookService {
  const webhooks = createWebhookService(settings);
  const alerts = createAlerting({ ...settings, notify: webhooks.notify });
  return {
    ...webhooks,
    configure(config) {
      webhooks.configure(config);
      alerts.configure(config.alerts);
    },
    start() {
      webhooks.start();
      alerts.start();
    },
    async stop() {
      await alerts.stop();
      await webhooks.stop();
    },
  };
}

import { isDeepStrictEqual } from "node:util";
import type { AlertRule, Config } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { createLoop } from "../lib/loop.ts";
import type { TaskEvents } from "../task/event.ts";
import { type AlertView, isWatched } from "./alert-finding.ts";
import { createAlertMessages } from "./alert-messages.ts";
import { alertNotice, subjectOf } from "./alert-notice.ts";
import { createWatch, type Watch } from "./alert-watch.ts";
import type { Notice } from "./notice.ts";

/** Follows the rules of the configuration, and tells their endpoints what they find. */
export interface Alerts {
  start(): void;
  /** Rules from now on. One that watches the same as before remembers what it has said. */
  configure(rules: readonly AlertRule[]): void;
  /** Looks once more, so that what failed at last is told, too. */
  stop(): Promise<void>;
}

export interface AlertsSettings {
  readonly config: Pick<Config, "alerts" | "locale">;
  /** How things stand now. */
  readonly view: () => Promise<AlertView>;
  /** Owes a message to endpoints, by their names; durable once it resolves. */
  readonly notify: (endpoints: readonly string[], notice: Notice) => Promise<void>;
  readonly events: Emitter<TaskEvents>;
  readonly clock: Clock;
  readonly onError: (thrown: unknown) => void;
}

/** Tasks that fail at once are told together, so there is no hurry; a target that is lost is looked at immediately. */
const LOOK_EVERY_MS = 2_000;

interface Watched {
  readonly rule: AlertRule;
  readonly watch: Watch;
}

export function createAlerts(settings: AlertsSettings): Alerts {
  const { config, events, clock, onError } = settings;
  const messages = createAlertMessages({ ...settings, language: config.locale });
  const loop = createLoop(poll, clock, onError);
  let watched = watch(config.alerts, []);

  async function poll(): Promise<number> {
    if (watched.length === 0) return Infinity;
    await look(watched);
    return LOOK_EVERY_MS;
  }

  async function look(at: readonly Watched[]): Promise<void> {
    const view = await settings.view();
    for (const { rule, watch } of at) {
      for (const statement of watch.look(rule, view)) {
        const notice = alertNotice(rule, statement, view.now, config.locale);
        events.emit(`alert.${statement.state}`, {
          rule: rule.name,
          subject: subjectOf(statement.finding),
          text: notice.title,
        });
        for (const endpoint of rule.notify) messages.tell(endpoint, rule.name, notice);
      }
    }
    await messages.flush();
  }

  events.on("task.ended", (event) => {
    for (const { rule, watch } of watched) {
      if (isWatched(rule, event.lane)) watch.taskEnded(event, clock.monotonicMs());
    }
  });
  events.on("target.circuit", () => loop.wake());
  events.on("target.health", () => loop.wake());

  return {
    start: () => loop.start(),
    configure(rules) {
      watched = watch(rules, watched);
      loop.wake();
    },
    async stop() {
      await loop.stop();
      // States end with the node that saw them; a failure stays one.
      const failures = watched.filter(({ rule }) => rule.when.kind === "task_failed");
      if (failures.length > 0) await look(failures).catch(onError);
    },
  };
}

function watch(rules: readonly AlertRule[], before: readonly Watched[]): readonly Watched[] {
  return rules.map((rule) => {
    const known = before.find(
      (each) => each.rule.name === rule.name && isDeepStrictEqual(each.watch.when, rule.when),
    );
    return { rule, watch: known?.watch ?? createWatch(rule.when) };
  });
}

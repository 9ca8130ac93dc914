import type { Clock } from "../lib/clock.ts";
import type { Language } from "../lib/language.ts";
import { withheldNotice } from "./alert-notice.ts";
import type { Notice } from "./notice.ts";

/** Owes alerts to their receivers, and never more than those can bear. */
export interface AlertMessages {
  /** Nothing is written before `flush`. */
  tell(endpoint: string, rule: string, notice: Notice): void;
  /** Writes what was told. What could not be written is kept for the next time. */
  flush(): Promise<void>;
}

export interface AlertMessagesSettings {
  /** Durable once it resolves. */
  readonly notify: (endpoints: readonly string[], notice: Notice) => Promise<void>;
  readonly clock: Clock;
  readonly language: Language;
}

/** What one receiver gets in a minute: the robots of chats refuse more than twenty. */
const MOST_IN_A_WINDOW = 10;
const WINDOW_MS = 60_000;

/** Of messages that cannot be written, while the disk is full. */
const MOST_KEPT = 200;

interface Window {
  readonly sinceMs: number;
  told: number;
  /** How many were not, by rule. */
  readonly withheld: Map<string, number>;
}

export function createAlertMessages({ notify, clock, language }: AlertMessagesSettings): AlertMessages {
  const windows = new Map<string, Window>();
  const unwritten: { readonly endpoint: string; readonly notice: Notice }[] = [];

  function windowOf(endpoint: string): Window {
    const known = windows.get(endpoint);
    if (known !== undefined && clock.monotonicMs() - known.sinceMs < WINDOW_MS) return known;
    const next: Window = { sinceMs: clock.monotonicMs(), told: 0, withheld: new Map() };
    windows.set(endpoint, next);
    if (known !== undefined && known.withheld.size > 0) {
      next.told += 1;
      keep(endpoint, withheldNotice(known.withheld, clock.now(), language));
    }
    return next;
  }

  function keep(endpoint: string, notice: Notice): void {
    unwritten.push({ endpoint, notice });
    if (unwritten.length > MOST_KEPT) unwritten.shift();
  }

  return {
    tell(endpoint, rule, notice) {
      const window = windowOf(endpoint);
      if (window.told < MOST_IN_A_WINDOW) {
        window.told += 1;
        keep(endpoint, notice);
      } else {
        window.withheld.set(rule, (window.withheld.get(rule) ?? 0) + 1);
      }
    },
    async flush() {
      for (const endpoint of windows.keys()) windowOf(endpoint);
      for (let [first] = unwritten; first !== undefined; [first] = unwritten) {
        await notify([first.endpoint], first.notice);
        unwritten.shift();
      }
    },
  };
}

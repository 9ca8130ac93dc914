import assert from "node:assert/strict";
import {
  createJournal,
  type Following,
  type Journal,
  type Kept,
  type OnNews,
} from "../../src/notify/journal.ts";
import { createManualClock, type ManualClock } from "../lib/manual-clock.ts";

/** What the tests tell of. */
export interface Line {
  readonly text: string;
  readonly sizeBytes: number;
}

export interface Stage {
  readonly clock: ManualClock;
  readonly journal: Journal<Line>;
  readonly add: (text: string) => void;
  readonly follow: (after: string | null, onNews: OnNews<Line>, onLost?: () => void) => Following;
  readonly errors: readonly unknown[];
}

export function stage(limits: { readonly maxEntries?: number; readonly maxBytes?: number } = {}): Stage {
  const clock = createManualClock();
  const errors: unknown[] = [];
  const journal = createJournal<Line>({ clock, ...limits, onError: (thrown) => errors.push(thrown) });
  const add = (text: string): void => journal.add({ text, sizeBytes: 10 });
  const follow = (after: string | null, onNews: OnNews<Line>, onLost = notLost): Following =>
    journal.follow(after, onNews, onLost);
  return { clock, journal, add, follow, errors };
}

function notLost(): void {
  assert.fail("it is told no more");
}

export interface Hearing {
  readonly told: readonly Kept<Line>[];
  /** How many were told in each go. */
  readonly batches: readonly number[];
  readonly hear: OnNews<Line>;
  readonly texts: () => readonly string[];
}

/** Somebody who notes what they are told. */
export function follower(): Hearing {
  const told: Kept<Line>[] = [];
  const batches: number[] = [];
  return {
    told,
    batches,
    hear(news: readonly Kept<Line>[]) {
      told.push(...news);
      batches.push(news.length);
    },
    texts: () => told.map(({ news }) => news.text),
  };
}

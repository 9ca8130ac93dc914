import { randomUUID } from "node:crypto";
import type { Clock } from "../lib/clock.ts";
import type { Unsubscribe } from "../lib/emitter.ts";
import { beginPiece } from "../lib/turns.ts";

/** What a journal keeps: anything that knows its size. */
export interface Entry {
  readonly sizeBytes: number;
}

export interface Kept<News extends Entry> {
  readonly id: string;
  readonly news: News;
}

/**
 * The latest news of this process, numbered, so that whoever lost the connection is told what came meanwhile. Followers
 * hear of it in batches, a few a second: a thousand events a second are no thousand writes to each of them.
 */
export interface Journal<News extends Entry> {
  /** Whether anybody has ever followed. Before that nobody can ask for what was, and nothing needs to be added. */
  readonly isFollowed: boolean;
  /** `isBefore` says of which news of the same moment it is the beginning, however they arrived. */
  add(news: News, isBefore?: (other: News) => boolean): void;
  /** Tells what came after an id, then whatever comes; with null only that. */
  follow(after: string | null, onNews: OnNews<News>): Following;
  /** Forgets its timer; resolves when what is there has been told. */
  stop(): Promise<void>;
}

export type OnNews<News extends Entry> = (news: readonly Kept<News>[]) => void;

export interface Following {
  /** False when it is not known what came after the id: of another process, or too long ago. */
  readonly isWhole: boolean;
  /** The id of the latest that the follower was told, or might have been. */
  readonly latest: () => string;
  readonly stop: Unsubscribe;
}

export interface JournalSettings {
  readonly clock: Pick<Clock, "after" | "monotonicMs">;
  readonly maxEntries?: number;
  readonly maxBytes?: number;
}

interface Follower<News extends Entry> {
  readonly onNews: OnNews<News>;
  /** The number of what it was told last. */
  latest: number;
}

const TELL_EVERY_MS = 50;

/** A minute of a very busy node, and of a usual one the day. */
const MOST_ENTRIES = 50_000;
const MOST_BYTES = 16 * 1024 * 1024;

export function createJournal<News extends Entry>(settings: JournalSettings): Journal<News> {
  const { clock, maxEntries = MOST_ENTRIES, maxBytes = MOST_BYTES } = settings;
  const life = randomUUID().slice(0, 8);
  const followers = new Set<Follower<News>>();
  /** By number, oldest first, without a gap. */
  const kept = new Map<number, Kept<News>>();
  let latest = 0;
  let keptBytes = 0;
  let untold: News[] = [];
  let isFollowed = false;
  let cancel: (() => void) | null = null;
  /** Who is still to be told what. */
  const owed: (() => void)[] = [];
  let isTelling = false;
  let told = Promise.resolve();

  function tell(): void {
    cancel?.();
    cancel = null;
    if (untold.length === 0) return;
    const batch = untold.map((news) => keep(news));
    untold = [];
    const number = latest;
    for (const follower of followers) {
      owed.push(() => {
        if (!followers.has(follower)) return;
        follower.latest = number;
        follower.onNews(batch);
      });
    }
    if (!isTelling) told = tellAll();
  }

  /** What a busy second has to tell to hundreds of followers takes longer than others should wait. */
  async function tellAll(): Promise<void> {
    isTelling = true;
    const rest = beginPiece(clock);
    for (let tellOne = owed.shift(); tellOne !== undefined; tellOne = owed.shift()) {
      tellOne();
      const turn = rest();
      if (turn !== undefined) await turn;
    }
    isTelling = false;
  }

  function keep(news: News): Kept<News> {
    latest += 1;
    const entry = { id: `${life}-${latest}`, news };
    kept.set(latest, entry);
    keptBytes += news.sizeBytes;
    for (const [number, oldest] of kept) {
      if (kept.size <= maxEntries && keptBytes <= maxBytes) break;
      kept.delete(number);
      keptBytes -= oldest.news.sizeBytes;
    }
    return entry;
  }

  /** Null when it is not known. */
  function since(id: string): readonly Kept<News>[] | null {
    const [, name, digits] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(id) ?? [];
    const number = Number(digits);
    if (name !== life || number > latest || number < latest - kept.size) return null;
    const missed: Kept<News>[] = [];
    for (let i = number + 1; i <= latest; i++) missed.push(kept.get(i) as Kept<News>);
    return missed;
  }

  return {
    get isFollowed() {
      return isFollowed;
    },
    add(news, isBefore = () => false) {
      const place = untold.findIndex(isBefore);
      untold.splice(place === -1 ? untold.length : place, 0, news);
      cancel ??= clock.after(TELL_EVERY_MS, tell);
    },
    follow(after, onNews) {
      isFollowed = true;
      tell();
      const missed = after === null ? [] : since(after);
      if (missed !== null && missed.length > 0) onNews(missed);
      const follower = { onNews, latest };
      followers.add(follower);
      return {
        isWhole: missed !== null,
        latest: () => `${life}-${follower.latest}`,
        stop: () => followers.delete(follower),
      };
    },
    async stop() {
      tell();
      await told;
    },
  };
}

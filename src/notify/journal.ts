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
  /**
   * Tells what came after an id, then whatever comes; with null only that. `onLost` says that no more is told: what comes next
   * is kept no longer, or `onNews` threw.
   */
  follow(after: string | null, onNews: OnNews<News>, onLost: () => void): Following;
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
  readonly onError: (thrown: unknown) => void;
}

interface Follower<News extends Entry> {
  readonly onNews: OnNews<News>;
  readonly onLost: () => void;
  /** The number of what it was told last. */
  latest: number;
}

const TELL_EVERY_MS = 50;

/** A minute of a very busy node, and of a usual one the day. */
const MOST_ENTRIES = 50_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** What a follower is told in one go. Whoever is further behind has another turn. */
const MOST_AT_ONCE = 1_000;

export function createJournal<News extends Entry>(settings: JournalSettings): Journal<News> {
  const { clock, maxEntries = MOST_ENTRIES, maxBytes = MOST_BYTES, onError } = settings;
  const life = randomUUID().slice(0, 8);
  const followers = new Set<Follower<News>>();
  /** By number, oldest first, without a gap. */
  const kept = new Map<number, Kept<News>>();
  let latest = 0;
  let keptBytes = 0;
  let untold: News[] = [];
  let isFollowed = false;
  let cancel: (() => void) | null = null;
  /** Who has not been told all that is kept, in the order of their turns. */
  const owed = new Set<Follower<News>>();
  let isTelling = false;
  let told = Promise.resolve();

  function tell(): void {
    cancel?.();
    cancel = null;
    if (untold.length === 0) return;
    untold.forEach(keep);
    untold = [];
    for (const follower of followers) owed.add(follower);
    if (!isTelling) told = tellAll().catch(onError);
    forget();
  }

  /** What a busy second has to tell to hundreds of followers takes longer than others should wait. */
  async function tellAll(): Promise<void> {
    isTelling = true;
    try {
      const rest = beginPiece(clock);
      // Who is owed again meanwhile comes last.
      for (const follower of owed) {
        owed.delete(follower);
        tellOne(follower);
        const turn = rest();
        if (turn !== undefined) await turn;
      }
    } finally {
      isTelling = false;
    }
  }

  function tellOne(follower: Follower<News>): void {
    if (!followers.has(follower)) return;
    const before = follower.latest;
    if (!isKeptAfter(before)) return lose(follower);
    follower.latest = Math.min(latest, before + MOST_AT_ONCE);
    if (follower.latest < latest) owed.add(follower);
    try {
      follower.onNews(between(before, follower.latest));
    } catch (thrown) {
      onError(thrown);
      lose(follower);
    }
  }

  function lose(follower: Follower<News>): void {
    followers.delete(follower);
    follower.onLost();
  }

  function keep(news: News): void {
    latest += 1;
    kept.set(latest, { id: `${life}-${latest}`, news });
    keptBytes += news.sizeBytes;
  }

  function forget(): void {
    for (const [number, oldest] of kept) {
      if (kept.size <= maxEntries && keptBytes <= maxBytes) break;
      kept.delete(number);
      keptBytes -= oldest.news.sizeBytes;
    }
  }

  function isKeptAfter(number: number): boolean {
    return number >= latest - kept.size;
  }

  function between(after: number, last: number): readonly Kept<News>[] {
    return Array.from({ length: last - after }, (_, i) => kept.get(after + 1 + i) as Kept<News>);
  }

  /** Null when it is not known. */
  function since(id: string): readonly Kept<News>[] | null {
    const [, name, digits] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(id) ?? [];
    const number = Number(digits);
    if (name !== life || number > latest || !isKeptAfter(number)) return null;
    return between(number, latest);
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
    follow(after, onNews, onLost) {
      isFollowed = true;
      tell();
      const missed = after === null ? [] : since(after);
      if (missed !== null && missed.length > 0) onNews(missed);
      const follower = { onNews, onLost, latest };
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

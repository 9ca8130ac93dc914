import type { Clock } from "../lib/clock.ts";
import type { Emitter, Unsubscribe } from "../lib/emitter.ts";
import { createLoop } from "../lib/loop.ts";
import type { Found, Store } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";

/** Sees a task as it stands; null when there is none any more. */
export type OnSight = (found: Found | null) => void;

export interface Watching {
  /** Looks at a task now, and again whenever something about it may have changed. */
  watch(id: string, onSight: OnSight): Unsubscribe;
  stop(): Promise<void>;
}

export interface WatchingSettings {
  readonly events: Emitter<TaskEvents>;
  readonly find: Store["find"];
  readonly clock: Clock;
  readonly onError: (thrown: unknown) => void;
}

interface Watched {
  readonly watchers: Set<OnSight>;
  isLooking: boolean;
  /** Something has happened since the look under way began. */
  isStale: boolean;
}

/** Places in line move with no event of the task's own, and other nodes tell this one nothing. */
const LOOK_AGAIN_MS = 2_000;

/**
 * Events only say that there is something to see; what it is, is read from the store. So whoever watches can miss an event,
 * or come late, and is told the same. All who watch a task share its look-ups, and those of a round follow one another.
 */
export function createWatching({ events, find, clock, onError }: WatchingSettings): Watching {
  const tasks = new Map<string, Watched>();
  const rounds = createLoop(lookAtAll, clock, onError, LOOK_AGAIN_MS);

  async function look(id: string, watched: Watched): Promise<void> {
    if (watched.isLooking) {
      watched.isStale = true;
      return;
    }
    watched.isLooking = true;
    try {
      do {
        watched.isStale = false;
        // Who comes while this look is under way may know more than it will show.
        const present = [...watched.watchers];
        const found = await find(id);
        for (const see of present) if (watched.watchers.has(see)) see(found);
      } while (watched.isStale && watched.watchers.size > 0);
    } finally {
      watched.isLooking = false;
    }
  }

  function lookSoon(id: string): void {
    const watched = tasks.get(id);
    // What a look that fails would have shown, the next round does.
    if (watched !== undefined) look(id, watched).catch(onError);
  }

  async function lookAtAll(): Promise<number> {
    for (const [id, watched] of tasks) await look(id, watched);
    return tasks.size === 0 ? Infinity : LOOK_AGAIN_MS;
  }

  for (const name of ["attempt.started", "task.requeued", "task.progress", "task.ended"] as const) {
    events.on(name, ({ id }) => lookSoon(id));
  }
  events.on("task.removed", ({ id }) => lookSoon(id));

  return {
    watch(id, onSight) {
      const watched = tasks.get(id) ?? { watchers: new Set(), isLooking: false, isStale: false };
      tasks.set(id, watched);
      watched.watchers.add(onSight);
      lookSoon(id);
      rounds.start();
      if (tasks.size === 1) rounds.wake();
      return () => {
        watched.watchers.delete(onSight);
        if (watched.watchers.size === 0 && tasks.get(id) === watched) tasks.delete(id);
      };
    },
    stop: rounds.stop,
  };
}

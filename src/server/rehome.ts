import type { LaneConfig } from "../config/config.ts";
import type { Router } from "../intake/router.ts";
import type { Clock } from "../lib/clock.ts";
import type { Loop } from "../lib/loop.ts";
import { createLoop } from "../lib/loop.ts";
import type { Store } from "../store/store.ts";
import { headerValue } from "../task/header.ts";
import type { Task } from "../task/task.ts";

export interface RehomeSettings extends Pick<Store, "tally" | "list" | "request" | "amend"> {
  readonly match: Router;
  readonly laneNamed: (name: string) => LaneConfig | null;
  /** Whether any route asks for a host, for which the stored requests have to be read. */
  readonly namesHosts: () => boolean;
  /** A task went from one lane to another. */
  readonly onMoved: (from: string, to: string) => void;
  readonly clock: Clock;
  readonly onError: (thrown: unknown) => void;
}

/** Between looks; whoever changes the routes, and a task that comes back to a lane that has gone, wake it. */
const LOOK_EVERY_MS = 60_000;
const PAGE = 500;
const MOVED_AT_ONCE = 200;

/**
 * Moves tasks that wait in lanes which are configured no longer to the lane that their request matches now, so that a
 * route may be renamed or removed without losing a task. Those that match no route wait until one does.
 */
export function createRehoming(settings: RehomeSettings): Loop {
  let isStopping = false;
  const loop = createLoop(look, settings.clock, settings.onError);

  async function look(): Promise<number> {
    for (const { lane, stored } of await settings.tally()) {
      if (stored.pending > 0 && settings.laneNamed(lane) === null) await empty(lane);
    }
    return LOOK_EVERY_MS;
  }

  async function empty(lane: string): Promise<void> {
    const moves: Move[] = [];
    let after: string | null = null;
    do {
      const page = await settings.list({
        lane,
        state: "pending",
        limit: PAGE,
        ...(after === null ? {} : { after }),
      });
      for (const task of page.tasks) {
        const to = settings.match(task.method, task.path, await hostOf(task));
        if (to !== null) moves.push({ id: task.id, lane: to.name });
      }
      after = page.next;
    } while (after !== null && !isStopping);
    // Lists begin with the newest; who came first goes first here, too.
    moves.reverse();
    for (let i = 0; i < moves.length && !isStopping; i += MOVED_AT_ONCE) {
      await Promise.all(moves.slice(i, i + MOVED_AT_ONCE).map((one) => move(lane, one)));
    }
  }

  async function move(from: string, { id, lane }: Move): Promise<void> {
    if ((await settings.amend(id, { lane })) === true) settings.onMoved(from, lane);
  }

  async function hostOf({ id }: Task): Promise<string | undefined> {
    if (!settings.namesHosts() || isStopping) return undefined;
    const request = await settings.request(id);
    return request === null ? undefined : headerValue(request.headers, "host");
  }

  return {
    ...loop,
    async stop() {
      // What is left in the middle goes on at the next start.
      isStopping = true;
      await loop.stop();
    },
  };
}

interface Move {
  readonly id: string;
  readonly lane: string;
}

import type { DatabaseSync } from "node:sqlite";
import { openBacklog } from "./backlog.ts";
import { openShares } from "./shares.ts";

/**
 * The line of each lane: which rank a task gets when it enters, and how many stand before it. Kept in step with the rows
 * like `Tallies`.
 */
export interface Line {
  /** A task enters as one that is accepted now; answers the rank it is to have. */
  enter(task: Entrant): number;
  /** A task that was started before is back under its rank. */
  comeBack(task: Waiting): void;
  /** The next task is started. */
  start(task: Placed): void;
  /** A task leaves without being started. */
  leave(task: Waiting): void;
  /** Place of a task that has just entered: exact at the end of the line and among few, an estimate among many clients. */
  place(lane: string, priority: number, rank: number): number;
  /** The rank of newcomers. */
  front(lane: string, priority: number): number;
  flush(): void;
  reload(): void;
}

/** Whose a task is, and where it wants to stand. */
interface Entrant {
  readonly lane: string;
  readonly priority: number;
  readonly client: string;
  readonly weight: number;
}

type Placed = Omit<Entrant, "weight"> & { readonly rank: number };

export interface Waiting extends Entrant {
  readonly rank: number;
  /** How often it was started. */
  readonly attempt: number;
}

export function openLine(db: DatabaseSync): Line {
  const shares = openShares(db);
  const backlog = openBacklog(db);
  return {
    enter({ lane, priority, client, weight }) {
      const rank = shares.change(lane, priority, client).enter(client, weight);
      backlog.add(lane, priority, rank, 1);
      return rank;
    },
    comeBack({ lane, priority, client, weight, rank }) {
      shares.change(lane, priority, client).comeBack(client, weight);
      backlog.add(lane, priority, rank, 1);
    },
    start({ lane, priority, client, rank }) {
      shares.change(lane, priority, client).start(client, rank);
      backlog.add(lane, priority, rank, -1);
    },
    leave({ lane, priority, client, weight, rank, attempt }) {
      shares.change(lane, priority, client).leave(client, attempt === 0 ? weight : null);
      backlog.add(lane, priority, rank, -1);
    },
    place(lane, priority, rank) {
      const { virtualTime, clients } = shares.queue(lane, priority);
      return backlog.place(lane, priority, rank, { rank: virtualTime, clients });
    },
    front: (lane, priority) => Math.floor(shares.queue(lane, priority).virtualTime),
    flush() {
      shares.flush();
      backlog.flush();
    },
    reload() {
      shares.reload();
      backlog.reload();
    },
  };
}

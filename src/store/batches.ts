import type { NewTask, State } from "../task/task.ts";
import type { Accepted } from "./store.ts";

/** Tasks that were accepted together. */
export interface BatchStore {
  /**
   * Accepts all tasks in one transaction, or none: then the index of the first that its lane had no room for (the tasks
   * before it counted). `capacities` are the lanes'.
   */
  enqueue(
    tasks: readonly NewTask[],
    capacities: ReadonlyMap<string, number>,
  ): Promise<readonly Accepted[] | NoRoom>;
  /** Null when no task of it is stored. */
  tally(id: string): Promise<BatchTally | null>;
}

export interface NoRoom {
  readonly noRoomFor: number;
}

export interface BatchTally {
  readonly client: string;
  readonly createdAt: number;
  /** How many it had; those that were deleted since are in no state. */
  readonly size: number;
  readonly stored: Readonly<Record<State, number>>;
  /** When the last ended; null while one is not final. */
  readonly completedAt: number | null;
}

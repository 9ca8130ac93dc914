import type { Dedupe, NewTask, State } from "../task/task.ts";
import type { Accepted, Duplicate } from "./acceptance.ts";

/** Tasks that were accepted together. */
export interface BatchStore {
  /**
   * Accepts all tasks in one transaction, or none: then the index of the first that its lane had no room for (the tasks
   * before it counted), or the batch that came before under its key. `capacities` are the lanes'.
   */
  enqueue(
    batch: NewBatch,
    capacities: ReadonlyMap<string, number>,
  ): Promise<readonly Accepted[] | NoRoom | Duplicate>;
  /** Null when no task of it is stored. */
  tally(id: string): Promise<BatchTally | null>;
}

export interface NewBatch {
  readonly id: string;
  readonly client: string;
  readonly createdAt: number;
  /** One at least; `batch` of each is the id. */
  readonly tasks: readonly NewTask[];
  readonly dedupe: Dedupe | null;
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

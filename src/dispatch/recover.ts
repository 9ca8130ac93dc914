import type { Store } from "../store/store.ts";
import { NODE_LOST } from "../task/decide.ts";
import type { Exchange } from "../task/exchange.ts";
import type { ClaimedTask } from "../task/task.ts";

export interface RecoverySettings {
  readonly node: string;
  readonly takeOver: Store["takeOver"];
  readonly settle: (task: ClaimedTask, exchange: Exchange) => Promise<void>;
  readonly onTakenOver: (task: ClaimedTask) => void;
}

const LOST: Exchange = Object.freeze({ kind: "unknown", target: null, error: NODE_LOST });

/**
 * Attempts whose node ended in the middle. An attempt is committed before its first byte leaves, so each of them may
 * have reached the target: its outcome is unknown, and the policy decides as it does for a broken connection.
 * `ownToo` at start, when whatever this node holds is from an earlier life.
 */
export async function recover(settings: RecoverySettings, now: number, ownToo: boolean): Promise<void> {
  const tasks = await settings.takeOver(settings.node, now, ownToo);
  await Promise.all(
    tasks.map((task) => {
      settings.onTakenOver(task);
      return settings.settle(task, LOST);
    }),
  );
}

import type { Store } from "../store/store.ts";
import { type AnswerPolicy, NODE_LOST } from "../task/decide.ts";
import type { Exchange } from "../task/exchange.ts";
import type { ClaimedTask } from "../task/task.ts";

export interface RecoverySettings {
  readonly node: string;
  readonly takeOver: Store["takeOver"];
  readonly policyOf: (lane: string) => AnswerPolicy;
  readonly settle: (task: ClaimedTask, exchange: Exchange, policy: AnswerPolicy) => Promise<void>;
  readonly onTakenOver: (task: ClaimedTask) => void;
  readonly onError: (thrown: unknown) => void;
}

const LOST: Exchange = Object.freeze({ kind: "unknown", target: null, error: NODE_LOST });

/**
 * Attempts whose node ended in the middle. An attempt is committed before its first byte leaves, so each of them may
 * have reached the target: its outcome is unknown, and the policy decides as it does for a broken connection.
 * `ownToo` at start, when whatever this node holds is from an earlier life.
 */
export async function recover(settings: RecoverySettings, now: number, ownToo: boolean): Promise<void> {
  for (const task of await settings.takeOver(settings.node, now, ownToo)) {
    settings.onTakenOver(task);
    // Not waited for: on a full disk this takes until there is room, and the node can begin meanwhile.
    settings.settle(task, LOST, settings.policyOf(task.lane)).catch(settings.onError);
  }
}

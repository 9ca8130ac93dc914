import { mapInTurns, nextTurn } from "../lib/turns.ts";
import type { OpenStore } from "../store/store.ts";
import type { Settlement } from "../task/settlement.ts";
import type { NewTask } from "../task/task.ts";
import type { Vault } from "../task/vault.ts";

/**
 * A store that is given secrets sealed, whichever way they come. It answers them sealed, too: who sends them on or replays
 * them opens them there, and whoever does not shows nothing.
 */
export function sealing<Sealed extends Pick<OpenStore, "enqueue" | "settle" | "batches">>(
  store: Sealed,
  { seal }: Vault,
): Sealed {
  function sealedTask(task: NewTask): NewTask {
    const headers = seal(task.request.headers);
    return headers === task.request.headers ? task : { ...task, request: { ...task.request, headers } };
  }

  function sealedSettlement(settlement: Settlement): Settlement {
    if (settlement.to === "pending" || settlement.response === null) return settlement;
    const { response } = settlement;
    const headers = seal(response.headers);
    return headers === response.headers ? settlement : { ...settlement, response: { ...response, headers } };
  }

  return {
    ...store,
    async enqueue(task, capacity, lastPlace) {
      // A millisecond, if each is a secret, and hundreds of clients may come at once.
      if (task.request.headers.length > MANY_FIELDS * 2) await nextTurn();
      return store.enqueue(sealedTask(task), capacity, lastPlace);
    },
    settle: (settlement) => store.settle(sealedSettlement(settlement)),
    batches: {
      ...store.batches,
      async enqueue(batch, capacities) {
        const tasks = await mapInTurns(batch.tasks, sealedTask);
        return store.batches.enqueue({ ...batch, tasks }, capacities);
      },
    },
  };
}

const MANY_FIELDS = 64;

import type { Cancel, Clock } from "./clock.ts";

/** A piece of work done again and again: one round does what there is to do and answers how long to wait, in ms. */
export type Poll = () => Promise<number> | number;

export interface Loop {
  /** Starts polling; does nothing when it runs already. */
  start(): void;
  /** Cuts the wait short; a wake during a round makes another round follow at once. */
  wake(): void;
  /** Resolves when the round under way, if any, is over; no further round begins. */
  stop(): Promise<void>;
}

/**
 * Sleeping, waking and stopping, written once. A round that throws is reported and repeated after `retryMs`.
 */
export function createLoop(
  poll: Poll,
  clock: Clock,
  onError: (thrown: unknown) => void,
  retryMs = 1_000,
): Loop {
  let running = false;
  let woken = false;
  let cutWaitShort: Cancel | undefined;
  let round: Promise<void> = Promise.resolve();

  async function repeat(): Promise<void> {
    while (running) {
      woken = false;
      const waitMs = await pollSafely();
      // `stop` and `wake` may have come during the round.
      if (running && !woken) await wait(waitMs);
    }
  }

  async function pollSafely(): Promise<number> {
    try {
      return await poll();
    } catch (thrown) {
      onError(thrown);
      return retryMs;
    }
  }

  function wait(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = Number.isFinite(waitMs) ? clock.after(waitMs, finish) : undefined;
      cutWaitShort = finish;
      function finish(): void {
        cancel?.();
        cutWaitShort = undefined;
        resolve();
      }
    });
  }

  return {
    start() {
      if (running) return;
      running = true;
      round = round.then(repeat);
    },
    wake() {
      woken = true;
      cutWaitShort?.();
    },
    async stop() {
      running = false;
      cutWaitShort?.();
      await round;
    },
  };
}

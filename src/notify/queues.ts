/** Work by receiver: each has a few under way and some waiting, so that a slow one takes nothing from the others. */
export interface Queues<Work> {
  /** False when the receiver has as much waiting as it may. */
  add(receiver: string, work: Work): boolean;
  /** Resolves when nothing is under way any more; what waits is forgotten. */
  drain(): Promise<void>;
}

export interface QueueLimits {
  readonly underWay: number;
  readonly waiting: number;
}

export function createQueues<Work>(run: (work: Work) => Promise<void>, limits: QueueLimits): Queues<Work> {
  const queues = new Map<string, { readonly waiting: Work[]; running: number }>();
  const ends = new Set<Promise<void>>();
  let isDraining = false;

  function next(receiver: string): void {
    const queue = queues.get(receiver);
    if (queue === undefined) return;
    while (!isDraining && queue.running < limits.underWay) {
      const work = queue.waiting.shift();
      if (work === undefined) break;
      queue.running += 1;
      const end = run(work).finally(() => {
        ends.delete(end);
        queue.running -= 1;
        next(receiver);
      });
      ends.add(end);
    }
    if (queue.running === 0 && queue.waiting.length === 0) queues.delete(receiver);
  }

  return {
    add(receiver, work) {
      const queue = queues.get(receiver) ?? { waiting: [], running: 0 };
      if (queue.waiting.length >= limits.waiting) return false;
      queues.set(receiver, queue);
      queue.waiting.push(work);
      next(receiver);
      return true;
    },
    async drain() {
      isDraining = true;
      await Promise.all(ends);
    },
  };
}

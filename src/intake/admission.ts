/**
 * How full each lane is, known without asking the store: what the store last answered, plus the places held by requests
 * whose task is not stored yet (uploads under way, enqueues not answered). Exact on one node, because the store answers
 * in the order in which it acts; with several nodes it trails their work, and the store's own bound decides.
 */
export interface Admission {
  /** Holds a place for a request that is about to be read; false when the lane already has `capacity`. */
  reserve(lane: string, capacity: number): boolean;
  /** Gives a held place back: nothing was stored. */
  release(lane: string): void;
  /** A held place became a stored task, and the lane then had this many pending. */
  fulfil(lane: string, pending: number): void;
  /** The store said how many pending tasks a lane has. */
  observe(lane: string, pending: number): void;
  /** Tasks left the line or came back in a way whose answer does not count them: cancelled, given up, retried. */
  shift(lane: string, by: number): void;
  /** Pending tasks, requests on their way in included. */
  pending(lane: string): number;
}

export function createAdmission(): Admission {
  const lanes = new Map<string, Fill>();

  function fillOf(lane: string): Fill {
    let fill = lanes.get(lane);
    if (fill === undefined) lanes.set(lane, (fill = { stored: 0, held: 0 }));
    return fill;
  }

  function release(fill: Fill): void {
    fill.held = Math.max(0, fill.held - 1);
  }

  return {
    reserve(lane, capacity) {
      const fill = fillOf(lane);
      if (fill.stored + fill.held >= capacity) return false;
      fill.held += 1;
      return true;
    },
    release: (lane) => release(fillOf(lane)),
    fulfil(lane, pending) {
      const fill = fillOf(lane);
      release(fill);
      fill.stored = pending;
    },
    observe(lane, pending) {
      fillOf(lane).stored = pending;
    },
    shift(lane, by) {
      const fill = fillOf(lane);
      fill.stored = Math.max(0, fill.stored + by);
    },
    pending(lane) {
      const fill = fillOf(lane);
      return fill.stored + fill.held;
    },
  };
}

interface Fill {
  /** Pending tasks in the store, by its latest word. */
  stored: number;
  /** Places held for requests whose task is not stored yet. */
  held: number;
}

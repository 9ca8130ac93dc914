/**
 * Weighted fair shares for the clients that wait in one line: start-time fair queuing (P. Goyal, H. Vin, H. Cheng,
 * "Start-time Fair Queueing", SIGCOMM 1996). A task is given its rank once, when it enters, and tasks start in the order
 * of their ranks; nothing is sorted anew when others come.
 *
 *     start tag   S = max(V, F)              the rank
 *     finish tag  F = S + COST / weight      kept for each client
 *     virtual time V                         start tag of the task that was started last
 *
 * While two clients both wait, what they start differs by one task each, divided by their weights (theorem 1 there), and
 * by one turn for whoever has just come. Where we depart from the paper:
 *
 *  - V also takes a step with every start, of the share that one turn is worth, but no further than COST past the rank
 *    that started. If it were the highest start tag alone, a stream of clients that come once each would keep it still:
 *    all of them would come before anybody's second task, for ever.
 *  - A task that leaves without having been started is given back to its client, or those who cancel, or whose tasks
 *    are given up in the line, would have to wait for others as if they had been served.
 *  - When nobody waits, all are equal again.
 */
export interface FairQueue {
  /** A task enters, to be charged to its client; answers its rank: never lower than that of an earlier one of this client. */
  enter(client: string, weight: number): number;
  /** A task that was started before is back under the rank it had. */
  comeBack(client: string, weight: number): void;
  /** The next task is started. */
  start(client: string, rank: number): void;
  /** A task leaves otherwise; `refund` is its weight when it was never started, null when it was. */
  leave(client: string, refund: number | null): void;
  share(client: string): Share | undefined;
  /** Forgets some of those who do not wait and have had no more than their share; answers whom. Looks at `limit` at most. */
  forget(limit: number): string[];
  readonly virtualTime: number;
  /** Clients that wait. */
  readonly clients: number;
}

export interface Share {
  readonly weight: number;
  /** Virtual time at which all that was charged to the client is worked off. */
  readonly finish: number;
  /** Start tag of its latest task. */
  readonly last: number;
  /** Its tasks in the line. */
  readonly waiting: number;
}

/** What a task of weight 1 costs, in units of rank: small enough for 8 · 10¹² tasks before a rank is no safe integer. */
const COST = 1_024;

type Changing<Fields> = { -readonly [Name in keyof Fields]: Fields[Name] };

export function createFairQueue(
  virtualTime = 0,
  known: Iterable<readonly [client: string, share: Share]> = [],
): FairQueue {
  const shares = new Map<string, Changing<Share>>();
  let now = virtualTime;
  let clients = 0;
  /** Of all that wait. */
  let weights = 0;
  /** Goes round and round. */
  let hand = shares.entries();

  for (const [client, share] of known) {
    shares.set(client, { ...share });
    if (share.waiting > 0) {
      clients += 1;
      weights += share.weight;
    }
  }

  function shareOf(client: string, weight: number): Changing<Share> {
    const found = shares.get(client);
    if (found !== undefined) return found;
    const share = { weight, finish: now, last: now, waiting: 0 };
    shares.set(client, share);
    return share;
  }

  function wait(share: Changing<Share>, weight: number): void {
    if (share.waiting === 0) clients += 1;
    else weights -= share.weight;
    weights += weight;
    share.weight = weight;
    share.waiting += 1;
  }

  function stopWaiting(share: Changing<Share>): void {
    share.waiting -= 1;
    if (share.waiting > 0) return;
    clients -= 1;
    weights -= share.weight;
    if (clients > 0) return;
    weights = 0;
    shares.clear();
  }

  return {
    enter(client, weight) {
      const share = shareOf(client, weight);
      // Whoever waits is charged from where its own tasks stand: V may be a step ahead of the line. Those that wait and
      // may not be started any more are no way to save up.
      const earliest = share.waiting > 0 ? Math.max(share.last, now - COST) : now;
      const start = Math.max(share.finish, earliest);
      wait(share, weight);
      share.finish = start + COST / weight;
      share.last = start;
      return Math.floor(start);
    },
    comeBack(client, weight) {
      const share = shareOf(client, weight);
      if (share.waiting === 0) share.finish = Math.max(share.finish, now);
      wait(share, weight);
    },
    start(client, rank) {
      const share = shares.get(client);
      if (share === undefined) return;
      now = Math.max(now, rank, Math.min(now + COST / weights, rank + COST));
      stopWaiting(share);
    },
    leave(client, refund) {
      const share = shares.get(client);
      if (share === undefined) return;
      if (refund !== null) share.finish -= COST / refund;
      stopWaiting(share);
    },
    share: (client) => shares.get(client),
    forget(limit) {
      const forgotten: string[] = [];
      for (let looks = Math.min(limit, shares.size); looks > 0; looks--) {
        const { value, done } = hand.next();
        if (done === true) hand = shares.entries();
        else if (value[1].waiting === 0 && value[1].finish <= now) {
          shares.delete(value[0]);
          forgotten.push(value[0]);
        }
      }
      return forgotten;
    },
    get virtualTime() {
      return now;
    },
    get clients() {
      return clients;
    },
  };
}

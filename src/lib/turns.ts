import { type Clock, createClock } from "./clock.ts";

/**
 * The main thread's time, shared out. Work that takes long is done in pieces, and of all the pieces that wait one is done in
 * each turn of the event loop: however many clients bring such work at once, whoever asks for something small waits for one.
 */
const waiting: (() => void)[] = [];

/** Resolves in a turn that no other piece of work is given. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(giveTurn);
  });
}

function giveTurn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(giveTurn);
}

/** What one piece may take: `/healthz` is to be answered within 50 ms on machines that are much slower. */
const PIECE_MS = 5;
const CLOCK = createClock();

/** Begins a piece of work: what it answers is asked after each step, and waited for when the piece has taken long enough. */
export function beginPiece({ monotonicMs }: Pick<Clock, "monotonicMs"> = CLOCK): () =>
  | Promise<void>
  | undefined {
  let until = monotonicMs() + PIECE_MS;
  return () => {
    if (monotonicMs() < until) return undefined;
    return nextTurn().then(() => {
      until = monotonicMs() + PIECE_MS;
    });
  };
}

/** Maps one after the other, in as many turns as it takes. For what is large: it waits for its first turn, too. */
export async function mapInTurns<Item, Result>(
  items: readonly Item[],
  map: (item: Item, index: number) => Result,
): Promise<Result[]> {
  await nextTurn();
  return mapInPieces(items, map);
}

/** The same for what may be small: it begins at once, and waits for a turn only when it, or others before it, take long. */
export async function mapAtOnce<Item, Result>(
  items: readonly Item[],
  map: (item: Item, index: number) => Result,
): Promise<Result[]> {
  if (!mayBeginNow()) await nextTurn();
  return mapInPieces(items, map);
}

async function mapInPieces<Item, Result>(
  items: readonly Item[],
  map: (item: Item, index: number) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  const rest = beginPiece();
  for (const [index, item] of items.entries()) {
    results.push(map(item, index));
    const turn = rest();
    if (turn !== undefined) await turn;
  }
  return results;
}

/** When what begins at once has taken enough of this turn of the event loop; null when nothing has begun. */
let enoughAt: number | null = null;

function mayBeginNow(): boolean {
  const now = CLOCK.monotonicMs();
  if (enoughAt === null) {
    enoughAt = now + PIECE_MS;
    setImmediate(() => (enoughAt = null));
  }
  return now < enoughAt;
}

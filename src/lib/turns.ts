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

/** Maps one after the other, in as many turns as it takes. */
export async function mapInTurns<Item, Result>(
  items: readonly Item[],
  map: (item: Item, index: number) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  await nextTurn();
  const rest = beginPiece();
  for (const [index, item] of items.entries()) {
    results.push(map(item, index));
    const turn = rest();
    if (turn !== undefined) await turn;
  }
  return results;
}

/** Places of which one holder has half at most: whoever takes all it can does not keep the others out. */
export interface Places {
  /** How many are taken. */
  readonly count: number;
  /** False when none is free, or when this holder has half of them. */
  take(holder: string): boolean;
  /** Of a place that was taken. */
  giveBack(holder: string): void;
}

export function createPlaces(most: number): Places {
  const mostEach = Math.ceil(most / 2);
  const held = new Map<string, number>();
  let count = 0;

  return {
    get count() {
      return count;
    },
    take(holder) {
      const own = held.get(holder) ?? 0;
      if (count >= most || own >= mostEach) return false;
      held.set(holder, own + 1);
      count += 1;
      return true;
    },
    giveBack(holder) {
      const left = (held.get(holder) ?? 0) - 1;
      if (left > 0) held.set(holder, left);
      else held.delete(holder);
      count -= 1;
    },
  };
}

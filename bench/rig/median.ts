export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: percentile(sorted, 50), min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** Nearest rank, of values that are sorted already. */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? NaN;
}

/** The median of each round's own ratio: what slows a whole round down does not move it. */
export function medianRatio(above: readonly number[], below: readonly number[]): number {
  return spread(above.map((value, round) => value / (below[round] ?? NaN))).median;
}

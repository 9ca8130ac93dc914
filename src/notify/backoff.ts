/** Waits between the tries of a delivery: soon at first, for receivers that restart; then hours, for those that are down. */
const WAITS_MS: readonly number[] = Object.freeze(
  [5, 30, 120, 300, 900, 1_800, 3_600, 7_200, 14_400, 21_600].map((seconds) => seconds * 1_000),
);

/** A receiver that may not be called is tried again twice: the configuration may have been changed for it. */
const FORBIDDEN_TRIES = 3;

/**
 * How long to wait after so many tries; null when that would be longer than it is tried at all. A quarter of the wait is
 * by chance, so that what failed together does not come together.
 */
export function waitAfterTries(
  tries: number,
  giveUpAfterMs: number,
  random: number,
  isForbidden = false,
): number | null {
  if (isForbidden && tries >= FORBIDDEN_TRIES) return null;
  let elapsedMs = 0;
  for (let i = 0; i < tries; i++) elapsedMs += waitAt(i);
  return elapsedMs > giveUpAfterMs ? null : Math.round(waitAt(tries - 1) * (0.75 + random / 4));
}

function waitAt(index: number): number {
  return WAITS_MS[Math.min(index, WAITS_MS.length - 1)] ?? 0;
}

/** So many in a time: `50/s` is 50 in 1,000 ms. `burst` is how many may gather while there is nothing to do. */
export interface Rate {
  readonly count: number;
  readonly perMs: number;
  readonly burst: number;
}

/** What was changed about a lane while running. Kept over restarts; null where the configuration stands. */
export interface LaneSettings {
  readonly paused: boolean;
  readonly maxConcurrent: number | "auto" | null;
  readonly maxQueueSize: number | null;
  readonly rate: Rate | "none" | null;
}

export const UNCHANGED: LaneSettings = Object.freeze({
  paused: false,
  maxConcurrent: null,
  maxQueueSize: null,
  rate: null,
});

/** The most that a limit of `auto` may grow to. */
const MOST_ADAPTIVE = 1_000;

/** Attempts at once on a node, for a lane with a limit of its own: who names one means it, whatever `num_workers` says. */
export function workersFor(maxConcurrent: number | "auto"): number {
  return maxConcurrent === "auto" ? MOST_ADAPTIVE : maxConcurrent;
}

/** How a rate is written: a whole number in a second, minute, hour or day. */
export const RATE_PATTERN: RegExp = /^[1-9]\d{0,6}\/[smhd]$/;

const MS_OF_UNIT: ReadonlyMap<string, number> = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** `50/s`; null when it is no rate. A tenth of it may gather, and one always. */
export function parseRate(text: string): Rate | null {
  if (!RATE_PATTERN.test(text)) return null;
  const [digits = "", unit = ""] = text.split("/");
  const count = Number(digits);
  return { count, perMs: MS_OF_UNIT.get(unit) ?? 0, burst: Math.max(1, Math.floor(count / 10)) };
}

/** As `parseRate` reads it, and `none` as it is. The burst has no place in it. */
export function formatRate(rate: Rate | "none"): string {
  if (rate === "none") return rate;
  const { count, perMs } = rate;
  const unit = [...MS_OF_UNIT].find(([, ms]) => ms === perMs)?.[0] ?? `${perMs}ms`;
  return `${count}/${unit}`;
}

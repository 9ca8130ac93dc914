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

const UNITS: ReadonlyMap<string, number> = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** A tenth of a time's worth may gather. */
const BURST_SHARE = 0.1;

export const RATE_PATTERN: RegExp = /^[1-9]\d{0,6}\/[smhd]$/;

/** `50/s`, `10/m`, `1000/h`, `5/d`; null when it is no rate. */
export function parseRate(text: string): Rate | null {
  const [count = "", unit = ""] = text.split("/");
  const perMs = UNITS.get(unit);
  if (perMs === undefined || !RATE_PATTERN.test(text)) return null;
  return { count: Number(count), perMs, burst: Math.max(1, Math.floor(Number(count) * BURST_SHARE)) };
}

/** As `parseRate` reads it, without the burst. */
export function formatRate({ count, perMs }: Rate): string {
  const unit = [...UNITS].find(([, ms]) => ms === perMs)?.[0] ?? `${perMs}ms`;
  return `${count}/${unit}`;
}

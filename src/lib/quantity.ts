/** Durations and sizes as people write them: a number with a unit, `10m`, `1.5GiB`. */

/** Units by name, each with how many of the smallest it holds; from large to small. */
type Units = ReadonlyMap<string, number>;

const DURATION_UNITS: Units = new Map([
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
]);

/** Binary and decimal units are both common and differ by 7 % at a gigabyte, so the bare `K`, `M`, `G` are refused. */
const SIZE_UNITS: Units = new Map([
  ["TiB", 2 ** 40],
  ["TB", 1e12],
  ["GiB", 2 ** 30],
  ["GB", 1e9],
  ["MiB", 2 ** 20],
  ["MB", 1e6],
  ["KiB", 2 ** 10],
  ["KB", 1e3],
  ["B", 1],
]);

export const DURATION_PATTERN: RegExp = /^\d+(\.\d+)?(ms|s|m|h|d)?$/;
export const SIZE_PATTERN: RegExp = /^\d+(\.\d+)?([KMGT]i?B|B)?$/;

/** Milliseconds; a bare number is seconds. Null when it is no duration. */
export function parseDuration(text: string): number | null {
  return DURATION_PATTERN.test(text) ? parse(text, DURATION_UNITS, 1_000) : null;
}

/** Bytes; a bare number is bytes. Null when it is no size. */
export function parseSize(text: string): number | null {
  return SIZE_PATTERN.test(text) ? parse(text, SIZE_UNITS, 1) : null;
}

/** In the largest unit that leaves no fraction: 600000 → `10m`. */
export function formatDuration(ms: number): string {
  return format(ms, DURATION_UNITS, "s");
}

/** In the largest unit that leaves no fraction: 67108864 → `64MiB`, 10000000 → `10MB`. */
export function formatSize(bytes: number): string {
  return format(bytes, SIZE_UNITS, "B");
}

function parse(text: string, units: Units, bareUnit: number): number {
  const unit = /[a-z]+$/i.exec(text)?.[0] ?? "";
  return Math.round(Number(text.slice(0, text.length - unit.length)) * (units.get(unit) ?? bareUnit));
}

function format(amount: number, units: Units, unitOfZero: string): string {
  if (amount === 0) return `0${unitOfZero}`;
  for (const [unit, size] of units) {
    if (amount % size === 0) return `${amount / size}${unit}`;
  }
  return String(amount);
}

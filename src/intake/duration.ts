const MS_OF_UNIT: Readonly<Record<string, number>> = Object.freeze({
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
});

/** `90` (seconds), `1.5s`, `500ms`, `5m`, `2h`, `1d` as whole milliseconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)?$/.exec(text);
  const unit = match === null ? undefined : MS_OF_UNIT[match[2] ?? "s"];
  return unit === undefined ? null : Math.round(Number(match?.[1]) * unit);
}

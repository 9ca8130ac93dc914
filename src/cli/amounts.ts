/** Amounts as people read them; scripts take `--json`. */

/** `0.4s`, `12s`, `3m20s`, `2h05m`, `4d3h`; `-` for none. */
export function span(seconds: number | null): string {
  if (seconds === null) return "-";
  if (seconds < 10) return `${Number(seconds.toFixed(1))}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
  return `${Math.floor(minutes / 1_440)}d${Math.floor((minutes % 1_440) / 60)}h`;
}

/** Since an instant of the server's; its clock may be ahead of ours. */
export function age(instant: string, now: number): string {
  return span(Math.max(0, (now - Date.parse(instant)) / 1_000));
}

export function count(amount: number): string {
  return amount.toLocaleString("en");
}

export function rate(perSecond: number): string {
  return `${Number(perSecond.toFixed(perSecond < 10 ? 1 : 0))}/s`;
}

export function share(part: number | null): string {
  return part === null ? "-" : `${Number((part * 100).toFixed(1))}%`;
}

/** `1 task`, `12 tasks` */
export function tasks(amount: number): string {
  return `${count(amount)} task${amount === 1 ? "" : "s"}`;
}

/** `[######----]` */
export function bar(part: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, part)) * width);
  return `[${"#".repeat(full)}${"-".repeat(width - full)}]`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

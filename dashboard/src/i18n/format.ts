import type { Language } from "./texts.ts";

const LOCALES: Readonly<Record<Language, string>> = Object.freeze({ en: "en", zh: "zh-CN" });

/** Numbers, times and sizes as a reader of the language writes them. */
export interface Format {
  readonly count: (value: number) => string;
  /** `1.2M`, where there is little room. */
  readonly shortCount: (value: number) => string;
  readonly percent: (share: number) => string;
  /** `350ms`, `1.2s`, `4m`, `2h 10m` */
  readonly duration: (ms: number) => string;
  readonly bytes: (bytes: number) => string;
  readonly perSecond: (rate: number) => string;
  readonly time: (iso: string | number) => string;
  readonly dateTime: (iso: string | number) => string;
  /** The time of today, else the day and the time. */
  readonly when: (iso: string | number) => string;
}

export function createFormat(language: Language): Format {
  const locale = LOCALES[language];
  const counts = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const short = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
  const fine = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const shares = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const times = new Intl.DateTimeFormat(locale, { timeStyle: "medium", hourCycle: "h23" });
  const dateTimes = new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    timeStyle: "medium",
    hourCycle: "h23",
  });
  const days = new Intl.DateTimeFormat(locale, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit: name,
      unitDisplay: "narrow",
      maximumSignificantDigits: 3,
    }).format(value);
  /** `5m 38s`, and not `5.63m`, which nobody reads off a clock. */
  function two(value: number, large: string, small: string): string {
    const size = small === "hour" ? 24 : 60;
    const whole = Math.round(value);
    const rest = whole % size;
    const first = unit(Math.floor(whole / size), large);
    return rest === 0 ? first : `${first}${language === "zh" ? "" : " "}${unit(rest, small)}`;
  }
  return {
    count: (value) => counts.format(value),
    shortCount: (value) => short.format(value),
    percent: (share) => shares.format(share),
    duration(ms) {
      if (ms < 1_000) return unit(Math.round(ms), "millisecond");
      if (ms < 60_000) return unit(ms / 1_000, "second");
      if (ms < 3_600_000) return two(ms / 1_000, "minute", "second");
      return ms < 48 * 3_600_000 ? two(ms / 60_000, "hour", "minute") : two(ms / 3_600_000, "day", "hour");
    },
    bytes(bytes) {
      if (bytes < 1_024) return unit(bytes, "byte");
      if (bytes < 1_024 ** 2) return `${fine.format(bytes / 1_024)} KiB`;
      return bytes < 1_024 ** 3
        ? `${fine.format(bytes / 1_024 ** 2)} MiB`
        : `${fine.format(bytes / 1_024 ** 3)} GiB`;
    },
    perSecond: (rate) => `${fine.format(rate)}/s`,
    time: (iso) => times.format(new Date(iso)),
    dateTime: (iso) => dateTimes.format(new Date(iso)),
    when(iso) {
      const date = new Date(iso);
      return date.toDateString() === new Date().toDateString() ? times.format(date) : days.format(date);
    },
  };
}

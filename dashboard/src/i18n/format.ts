import type { Language } from "./texts.ts";

const LOCALES: Readonly<Record<Language, string>> = Object.freeze({ en: "en", zh: "zh-CN" });

/** Numbers, times and sizes as a reader of the language writes them. */
export interface Format {
  readonly count: (value: number) => string;
  readonly percent: (share: number) => string;
  /** `1.2s`, `350ms`, `4m`, `2h` */
  readonly duration: (ms: number) => string;
  readonly bytes: (bytes: number) => string;
  readonly perSecond: (rate: number) => string;
  readonly time: (iso: string | number) => string;
  readonly dateTime: (iso: string | number) => string;
  /** `3 min ago` */
  readonly ago: (iso: string | number, now: number) => string;
}

export function createFormat(language: Language): Format {
  const locale = LOCALES[language];
  const counts = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const fine = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const shares = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const times = new Intl.DateTimeFormat(locale, { timeStyle: "medium", hourCycle: "h23" });
  const dateTimes = new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    timeStyle: "medium",
    hourCycle: "h23",
  });
  const relative = new Intl.RelativeTimeFormat(locale, { style: "short", numeric: "auto" });
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit: name,
      unitDisplay: "narrow",
      maximumSignificantDigits: 3,
    }).format(value);
  return {
    count: (value) => counts.format(value),
    percent: (share) => shares.format(share),
    duration(ms) {
      if (ms < 1_000) return unit(Math.round(ms), "millisecond");
      if (ms < 60_000) return unit(ms / 1_000, "second");
      if (ms < 3_600_000) return unit(ms / 60_000, "minute");
      return ms < 48 * 3_600_000 ? unit(ms / 3_600_000, "hour") : unit(ms / 86_400_000, "day");
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
    ago(iso, now) {
      const seconds = Math.round((new Date(iso).getTime() - now) / 1_000);
      if (Math.abs(seconds) < 60) return relative.format(seconds, "second");
      if (Math.abs(seconds) < 3_600) return relative.format(Math.round(seconds / 60), "minute");
      if (Math.abs(seconds) < 86_400) return relative.format(Math.round(seconds / 3_600), "hour");
      return relative.format(Math.round(seconds / 86_400), "day");
    },
  };
}

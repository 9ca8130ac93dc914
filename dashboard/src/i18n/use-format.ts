import { createFormat, type Format } from "./format.ts";
import { useLanguage } from "./language.tsx";
import type { Language } from "./texts.ts";

/** Made once for all rows of all tables: each has a dozen of Intl's formats, which are slow to make. */
const FORMATS = new Map<Language, Format>();

export function useFormat(): Format {
  const { language } = useLanguage();
  const format = FORMATS.get(language) ?? createFormat(language);
  FORMATS.set(language, format);
  return format;
}

/** The languages of `message`, the one text that the founding API had in Chinese. */
export type Language = "en" | "zh";

/**
 * Chinese when it is the server's language or ranks above English in `Accept-Language` (RFC 9110 12.5.4): by weight,
 * and by order where the weights are equal.
 */
export function preferredLanguage(acceptLanguage: string | undefined, locale: Language): Language {
  if (locale === "zh" || acceptLanguage === undefined || !ANY_CHINESE.test(acceptLanguage)) return locale;
  let chinese = 0;
  let english = 0;
  let chineseFirst = false;
  for (const member of acceptLanguage.split(",")) {
    const [range = "", ...parameters] = member.trim().toLowerCase().split(";");
    const weight = weightOf(parameters);
    if (/^zh(?:-|$)/.test(range.trim())) {
      if (english === 0) chineseFirst = true;
      chinese = Math.max(chinese, weight);
    } else if (/^en(?:-|$)/.test(range.trim())) {
      english = Math.max(english, weight);
    }
  }
  return chinese > english || (chinese === english && chinese > 0 && chineseFirst) ? "zh" : "en";
}

/** Most clients never mention Chinese and are done here. */
const ANY_CHINESE = /\bzh\b/i;

function weightOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name, value] = parameter.split("=", 2);
    if (name?.trim() === "q") return Number(value) || 0;
  }
  return 1;
}

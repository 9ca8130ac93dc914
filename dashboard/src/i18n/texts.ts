export type Language = "en" | "zh";

/** What a part of the page says, in each language: a word that is missing in one is a type error. */
export type Texts<Words> = { readonly [Each in Language]: Words };

export function texts<Words extends object>(en: Words, zh: NoInfer<Words>): Texts<Words> {
  return { en, zh };
}

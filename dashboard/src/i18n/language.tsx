import { createContext, type ReactNode, use, useEffect, useMemo, useState } from "react";
import type { Language, Texts } from "./texts.ts";

interface Spoken {
  readonly language: Language;
  readonly speak: (language: Language) => void;
}

const Speech = createContext<Spoken>({ language: "en", speak: () => {} });

const STORED_AS = "headgate.language";

/** The language of the page: what was chosen here before, else what the browser asks for. */
export function LanguageProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [language, setLanguage] = useState(initialLanguage);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  }, [language]);
  const spoken = useMemo<Spoken>(
    () => ({
      language,
      speak(next) {
        localStorage.setItem(STORED_AS, next);
        setLanguage(next);
      },
    }),
    [language],
  );
  return <Speech value={spoken}>{children}</Speech>;
}

export function useLanguage(): Spoken {
  return use(Speech);
}

/** The words of a part of the page in the language that is spoken. */
export function useTexts<Words>(part: Texts<Words>): Words {
  return part[use(Speech).language];
}

function initialLanguage(): Language {
  const stored = localStorage.getItem(STORED_AS);
  if (stored === "en" || stored === "zh") return stored;
  const wanted = navigator.languages.find((each) => /^(?:en|zh)\b/i.test(each)) ?? "en";
  return wanted.toLowerCase().startsWith("zh") ? "zh" : "en";
}

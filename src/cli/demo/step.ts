import type { Stage } from "./stage.ts";

export type Locale = "en" | "zh";

/** In both languages; which is chosen when it is said. */
export type Words = Readonly<Record<Locale, string>>;

/** What a step says to whoever watches, and what it has to show. */
export interface Guide {
  /** A call as it would be typed. */
  call(command: string): void;
  /** What came back. */
  answer(text: string): void;
  /** What happened, in plain words. */
  tell(words: Words): void;
  /** Throws when the step does not show what it says it would. */
  expect(isTrue: boolean, what: string): void;
}

export interface Step {
  readonly title: Words;
  show(stage: Stage, guide: Guide): Promise<void>;
}

import type { Language } from "../../lib/language.ts";

export interface DemoOptions {
  /** Every feature, step by step, instead of a trickle of tasks. */
  readonly tour: boolean;
  /** No pauses between the steps. */
  readonly fast: boolean;
  /** Ends by itself after this time; null for when a signal comes. */
  readonly forMs: number | null;
  /** Null for 8080, or any other when that is taken. */
  readonly port: number | null;
  readonly locale: Language;
}

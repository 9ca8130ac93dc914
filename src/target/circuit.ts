import type { CircuitConfig } from "../config/config.ts";
import type { Cancel, Clock } from "../lib/clock.ts";
import type { CircuitState } from "../task/target-state.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Keeps requests from a target that fails again and again, so that it can recover and the tasks can go elsewhere.
 *
 *   closed     every request passes; so many failures in a row → open
 *   open       none passes; its time is over → half_open
 *   half_open  one at a time passes, as a probe; success → closed, failure → open, for twice as long
 *
 * What began in an earlier state says nothing about the present one: the requests that were under way when it opened end
 * unheard, and only the probe closes it.
 */
export interface Circuit {
  readonly state: CircuitState;
  /** Failures in a row. */
  readonly failures: number;
  /** When an open circuit lets a probe through (ms since the epoch); null when it is not open. */
  readonly openUntil: number | null;
  /** Whether a request may go now. */
  passes(): boolean;
  /** A request goes; the answer names it when it ends. */
  enter(): Passage;
  leave(passage: Passage, verdict: Verdict["kind"]): void;
  configure(config: CircuitConfig): void;
  /** Stops its timer. */
  stop(): void;
}

/** Which of its states, counted from the start, a request began in. */
export type Passage = number;

export interface CircuitSettings {
  readonly config: CircuitConfig;
  readonly clock: Clock;
  readonly random: () => number;
  /** Called after each change. */
  readonly onChange: (from: CircuitState) => void;
}

export function createCircuit({ config: initial, clock, random, onChange }: CircuitSettings): Circuit {
  let config = initial;
  let state: CircuitState = "closed";
  let passage: Passage = 0;
  let failures = 0;
  let isProbing = false;
  let openUntil: number | null = null;
  /** Times it opened without having been closed for as long as it had been open. */
  let openings = 0;
  let openMs = 0;
  let closedAtMs = -Infinity;
  let stopTimer: Cancel = () => {};

  function become(next: CircuitState): void {
    const from = state;
    state = next;
    passage += 1;
    isProbing = false;
    if (next !== "open") openUntil = null;
    onChange(from);
  }

  function open(): void {
    const hasRecovered = state === "closed" && clock.monotonicMs() - closedAtMs >= openMs;
    openings = hasRecovered ? 1 : openings + 1;
    openMs = Math.min(config.maxOpenMs, config.openMs * 2 ** (openings - 1)) * spread(random());
    openUntil = clock.now() + Math.ceil(openMs);
    stopTimer = clock.after(Math.ceil(openMs), () => become("half_open"));
    become("open");
  }

  function close(): void {
    stopTimer();
    failures = 0;
    closedAtMs = clock.monotonicMs();
    become("closed");
  }

  return {
    get state() {
      return state;
    },
    get failures() {
      return failures;
    },
    get openUntil() {
      return openUntil;
    },
    passes: () => state === "closed" || (state === "half_open" && !isProbing),
    enter() {
      isProbing = state === "half_open";
      return passage;
    },
    leave(began, verdict) {
      if (began !== passage) return;
      isProbing = false;
      if (verdict === "nothing") return;
      if (verdict !== "failure") {
        if (state === "half_open") close();
        else failures = 0;
        return;
      }
      failures += 1;
      if (state === "half_open" || isTooMany(failures, config)) open();
    },
    configure(changed) {
      config = changed;
      if (config.failures === 0 && state !== "closed") close();
    },
    stop: () => stopTimer(),
  };
}

function isTooMany(failures: number, config: CircuitConfig): boolean {
  return config.failures > 0 && failures >= config.failures;
}

/** A tenth more or less: targets that failed together, and nodes that saw it together, do not return in step. */
function spread(random: number): number {
  return 0.9 + 0.2 * random;
}

import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { ProgressStore } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import type { Progress } from "../task/task.ts";

/** What became of a report: `kept`, or `taken` to be kept in a moment unless another comes; `over` when that attempt runs no more. */
export type Reported = "kept" | "taken" | "over" | "unknown";

/** Takes what targets say of their work. */
export interface ProgressReports {
  report(id: string, attempt: number, said: Said): Promise<Reported>;
  /** Writes no more. */
  stop(): void;
}

export type Said = Omit<Progress, "at">;

export interface ProgressSettings {
  readonly write: ProgressStore["write"];
  /** Where a task belongs; null when there is none. */
  readonly homeOf: (id: string) => Promise<{ readonly lane: string; readonly client: string } | null>;
  readonly emit: Emitter<TaskEvents>["emit"];
  readonly clock: Clock;
  readonly onError: (thrown: unknown) => void;
}

/** The time after a report of an attempt. */
interface Rest {
  /** Waits for its end. */
  next: Progress | null;
  /** What the store said of the latest: then none needs to be written. */
  refusal: "over" | "unknown" | null;
}

/** A target may report after every item of its work; each write is a commit. */
const WRITE_EVERY_MS = 100;

/**
 * Writes the first report of an attempt at once, and then ten a second: of those between, the last. An attempt is
 * remembered for as long as its next report has to wait.
 */
export function createProgressReports(settings: ProgressSettings): ProgressReports {
  const { write, homeOf, emit, clock, onError } = settings;
  const resting = new Map<string, Rest>();
  let isStopped = false;

  async function keep(id: string, attempt: number, progress: Progress): Promise<Reported> {
    const isWritten = await write(id, attempt, progress);
    if (isWritten === true) {
      const home = await homeOf(id);
      if (home !== null) emit("task.progress", { id, ...home, progress });
      return "kept";
    }
    const refusal = isWritten === null ? "unknown" : "over";
    const rest = resting.get(keyOf(id, attempt));
    if (rest !== undefined) rest.refusal = refusal;
    return refusal;
  }

  function begin(id: string, attempt: number): void {
    const key = keyOf(id, attempt);
    const rest: Rest = { next: null, refusal: null };
    resting.set(key, rest);
    clock.after(WRITE_EVERY_MS, () => {
      resting.delete(key);
      if (rest.next === null || isStopped) return;
      begin(id, attempt);
      keep(id, attempt, rest.next).catch(onError);
    });
  }

  return {
    async report(id, attempt, said) {
      const progress = { ...said, at: clock.now() };
      const rest = resting.get(keyOf(id, attempt));
      if (rest === undefined) {
        begin(id, attempt);
        return keep(id, attempt, progress);
      }
      if (rest.refusal !== null) return rest.refusal;
      rest.next = progress;
      return "taken";
    },
    stop() {
      isStopped = true;
    },
  };
}

function keyOf(id: string, attempt: number): string {
  return `${id} ${attempt}`;
}

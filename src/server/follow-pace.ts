import type { Emitter } from "../lib/emitter.ts";
import { NODE_LOST } from "../task/decide.ts";
import type { TaskEvents } from "../task/event.ts";
import type { Pace } from "../task/pace.ts";

/** Tells the pace of the lanes what happens in them. */
export function followPace(events: Emitter<TaskEvents>, pace: Pace): void {
  events.on("attempt.started", ({ lane, attempt, waitedMs }) =>
    pace.attemptStarted(lane, attempt === 1 ? waitedMs : null),
  );
  events.on("attempt.ended", ({ lane, outcome, durationMs, error }) => {
    // What a node left when it ended says how long that was, and nothing about the target.
    if (error?.code !== NODE_LOST.code) pace.attemptEnded(lane, outcome === "never_sent" ? null : durationMs);
  });
  events.on("task.requeued", ({ lane, tried }) => {
    if (!tried) pace.attemptEnded(lane, null);
  });
}

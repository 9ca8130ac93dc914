import type { LaneConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import type { Caller } from "../task/caller.ts";
import { tellDenied } from "../task/denial.ts";
import type { TaskEvents } from "../task/event.ts";
import { refuse } from "./refuse.ts";
import type { Arrival } from "./uploads.ts";

/** A request that becomes no task, as far as it is known whose it is and where it belongs. */
export interface TurnedAway {
  readonly arrival: Arrival;
  readonly lane: LaneConfig | null;
  readonly caller: Caller | null;
  readonly error: unknown;
}

export interface TurnAwaySettings {
  readonly emit: Emitter<TaskEvents>["emit"];
  readonly clock: Clock;
  readonly onUnexpected: (error: unknown) => void;
}

/** Tells a client why its request is not taken, and everybody else that it was not. */
export function turnAway({ arrival, lane, caller, error }: TurnedAway, settings: TurnAwaySettings): void {
  const { request, response } = arrival;
  const code = error instanceof HeadgateError ? error.code : "internal";
  if (code === "internal") settings.onUnexpected(error);
  refuse({ request, response, error, close: false }, settings.clock);
  const call = { method: request.method as string, path: request.url as string };
  settings.emit("task.refused", { lane: lane?.name ?? NO_LANE, ...call, code });
  tellDenied(settings.emit, code, caller, call);
}

/** In place of a lane's name, for what no lane takes. */
const NO_LANE = "-";

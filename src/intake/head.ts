import type { IncomingMessage } from "node:http";
import type { LaneConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import { type Caller, may } from "../task/caller.ts";
import { clientNameOf } from "./client-name.ts";
import { type Directives, readDirectives, refuseFarFuture } from "./directives.ts";
import { createOriginReader, type Origin } from "./forwarded.ts";
import { type Preference, readPreference } from "./prefer.ts";
import { hasPassed } from "./via.ts";

/** What the head of a request asks for, and whose its task becomes. */
export interface Head {
  readonly lane: LaneConfig;
  readonly caller: Caller;
  readonly client: string;
  readonly directives: Directives;
  readonly preference: Preference;
  readonly origin: Origin;
}

export interface HeadSettings {
  /** Why this node takes nothing in at the moment (`shutting_down`, `storage_full`); null when it does. */
  readonly accepting: () => HeadgateError | null;
  /** What this node calls itself in `Via`. */
  readonly viaPseudonym: string;
  /** Addresses and CIDR ranges. */
  readonly trustedProxies: readonly string[];
  readonly maxBodyBytes: number;
  readonly clock: Clock;
}

/** Throws why a request cannot be taken, as far as its head tells. */
export function createHeadReader(
  settings: HeadSettings,
): (request: IncomingMessage, lane: LaneConfig | null, caller: Caller) => Head {
  const readOrigin = createOriginReader(settings.trustedProxies);

  return (request, lane, caller) => {
    if (!may(caller, "handle")) throw NO_SUBMITTER;
    if (lane === null) throw noRoute(request);
    admit(request, settings);
    const directives = readDirectives(request.rawHeaders, lane);
    refuseFarFuture(directives, settings.clock.now());
    const prefer = request.headers["prefer"] as string | undefined;
    const preference = readPreference(prefer, lane.waitMs);
    const origin = readOrigin(request);
    const client = clientNameOf(caller, directives.client, origin.address);
    return { lane, caller, client, directives, preference, origin };
  };
}

const NO_SUBMITTER = new HeadgateError("forbidden", "A key with the role read may not submit requests.");

const LONGEST_SHOWN = 200;

/** As it was compared: without the query, which is nobody else's business. */
function noRoute({ method, url = "", headers }: IncomingMessage): HeadgateError {
  const path = url.split("?", 1)[0] as string;
  const shown = path.length > LONGEST_SHOWN ? `${path.slice(0, LONGEST_SHOWN)}…` : path;
  const host = headers.host ? ` for the host ${headers.host}` : "";
  return new HeadgateError("no_route", `No route matches ${method} ${shown}${host}.`);
}

function admit({ headers }: IncomingMessage, settings: HeadSettings): void {
  const reason = settings.accepting();
  if (reason !== null) throw reason;
  if (hasPassed(headers.via, settings.viaPseudonym)) {
    throw new HeadgateError("loop_detected", "This request has been through this Headgate before (Via).");
  }
  if (Number(headers["content-length"] ?? 0) > settings.maxBodyBytes) {
    throw new HeadgateError("body_too_large", `A body may be ${settings.maxBodyBytes} bytes at most.`);
  }
}

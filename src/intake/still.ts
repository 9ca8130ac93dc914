import type { IncomingMessage } from "node:http";
import { isDeepStrictEqual } from "node:util";
import type { LaneConfig } from "../config/config.ts";
import { HeadgateError } from "../lib/error.ts";
import type { Caller } from "../task/caller.ts";
import type { Body } from "../task/task.ts";
import type { Head } from "./head.ts";
import type { UploadSettings } from "./uploads.ts";

export interface StillSettings extends Pick<UploadSettings, "discard"> {
  /** Who submits a request; throws `unauthorized`. */
  readonly submitterOf: (request: IncomingMessage, lane: LaneConfig | null) => Caller;
}

/**
 * Asks again who submits when a body is whole, before its task is kept: it may have come slowly, and its key have been taken
 * away, or the first been made, meanwhile. Then the body is not kept.
 */
export async function expectStill(
  { submitterOf, discard }: StillSettings,
  request: IncomingMessage,
  { lane, caller }: Head,
  body: Body,
): Promise<void> {
  try {
    if (!isDeepStrictEqual(submitterOf(request, lane), caller)) throw KEY_CHANGED;
  } catch (error) {
    await discard(body);
    throw error;
  }
}

const KEY_CHANGED = new HeadgateError("unauthorized", "This key was changed while the body came.");

import { z } from "zod";
import { HeadgateError } from "../lib/error.ts";
import { type LaneSettings, parseRate, type Rate } from "../task/lane.ts";
import type { ControlInstance } from "./instance.ts";
import { LANES, type LaneView, ONE_LANE } from "./lane-schema.ts";
import { viewLaneNamed, viewLanes } from "./lane-view.ts";
import { only } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import { type SnapshotSettings, takeSnapshot } from "./snapshot.ts";

export interface LaneControlSettings extends SnapshotSettings {
  /** Changes a lane at once and for good; what is not named stays. False when no such lane is configured. */
  readonly changeLane: (name: string, change: Partial<LaneSettings>) => Promise<boolean>;
}

const MOST_CONCURRENT = 100_000;
const LARGEST_QUEUE = 1_000_000_000;
const LIMIT_FORM = `must be a whole number from 1 to ${MOST_CONCURRENT}, "auto" or null`;
const QUEUE_FORM = `must be a whole number from 1 to ${LARGEST_QUEUE} or null`;
const RATE_FORM = `must be a rate such as "50/s" (or /m, /h, /d), "none" or null`;

const CHANGES = only({
  max_concurrent: z
    .union([z.int(LIMIT_FORM).min(1, LIMIT_FORM).max(MOST_CONCURRENT, LIMIT_FORM), z.literal("auto")], {
      error: LIMIT_FORM,
    })
    .nullable()
    .optional(),
  queue: z.int(QUEUE_FORM).min(1, QUEUE_FORM).max(LARGEST_QUEUE, QUEUE_FORM).nullable().optional(),
  rate: z
    .string(RATE_FORM)
    .refine((text) => toRate(text) !== null, RATE_FORM)
    .transform(toRate)
    .nullable()
    .optional(),
}).describe("Null for as configured.");

const LANE_PARAMS: z.ZodType<{ readonly name: string }> = z.object({ name: z.string() });

const UNKNOWN = problem("There is no such lane.");

/** `GET /lanes`, `GET /lanes/{name}`, and the switch that pauses one. */
export function addLaneRoutes(app: ControlInstance, settings: LaneControlSettings): void {
  app.route({
    method: "GET",
    url: "/lanes",
    config: { deed: "survey" },
    schema: { operationId: "listLanes", summary: "The queue of each route", response: { 200: LANES } },
    handler: async (_request, reply) =>
      reply
        .header("Cache-Control", "no-store")
        .send({ success: true, lanes: viewLanes(await takeSnapshot(settings)) }),
  });
  app.route({
    method: "GET",
    url: "/lanes/:name",
    config: { deed: "survey" },
    schema: {
      operationId: "getLane",
      summary: "The queue of a route",
      params: LANE_PARAMS,
      response: { 200: ONE_LANE, 404: UNKNOWN },
    },
    handler: async (request, reply) =>
      reply
        .header("Cache-Control", "no-store")
        .send({ success: true, lane: await laneNamed(request.params.name, settings) }),
  });
  addSwitch(app, settings, {
    url: "/lanes/:name/pause",
    operationId: "pauseLane",
    summary: "Send no more of a lane's tasks; those that run go on, and new ones are accepted",
    paused: true,
  });
  addSwitch(app, settings, {
    url: "/lanes/:name/resume",
    operationId: "resumeLane",
    summary: "Send a lane's tasks again",
    paused: false,
  });
}

interface Switch {
  readonly url: "/lanes/:name/pause" | "/lanes/:name/resume";
  readonly operationId: string;
  readonly summary: string;
  readonly paused: boolean;
}

function addSwitch(app: ControlInstance, settings: LaneControlSettings, to: Switch): void {
  const { url, operationId, summary, paused } = to;
  app.route({
    method: "POST",
    url,
    config: { deed: "operate" },
    schema: {
      operationId,
      summary,
      description: "It stays so over restarts. Doing it twice is doing it once.",
      params: LANE_PARAMS,
      response: { 200: ONE_LANE, 404: UNKNOWN, 507: problem("The disk is full.") },
    },
    handler: async (request) => ({
      success: true as const,
      lane: await change(request.params.name, { paused }, settings),
    }),
  });
}

/** `PATCH /lanes/{name}`; `app` reads JSON. */
export function addLaneChangeRoute(app: ControlInstance, settings: LaneControlSettings): void {
  app.route({
    method: "PATCH",
    url: "/lanes/:name",
    config: { deed: "operate" },
    schema: {
      operationId: "changeLane",
      summary: "Change the limits of a lane while it runs",
      description: "They stay so over restarts, until they are set to null.",
      params: LANE_PARAMS,
      body: CHANGES,
      response: {
        200: ONE_LANE,
        400: problem("The JSON or a member of it is malformed or not known."),
        404: UNKNOWN,
        413: problem("The body is too large."),
        415: problem("The body is not application/json."),
        507: problem("The disk is full."),
      },
    },
    handler: async (request) => ({
      success: true as const,
      lane: await change(request.params.name, toChange(request.body), settings),
    }),
  });
}

async function change(
  name: string,
  changes: Partial<LaneSettings>,
  settings: LaneControlSettings,
): Promise<LaneView> {
  if (!(await settings.changeLane(name, changes))) throw unknownLane();
  return laneNamed(name, settings);
}

async function laneNamed(name: string, settings: SnapshotSettings): Promise<LaneView> {
  const lane = viewLaneNamed(name, await takeSnapshot(settings));
  if (lane === null) throw unknownLane();
  return lane;
}

function unknownLane(): HeadgateError {
  return new HeadgateError("not_found", "There is no such lane; GET /lanes names all.");
}

function toChange(changes: z.output<typeof CHANGES>): Partial<LaneSettings> {
  const { max_concurrent: maxConcurrent, queue: maxQueueSize, rate } = changes;
  if (maxConcurrent === undefined && maxQueueSize === undefined && rate === undefined) {
    throw new HeadgateError("invalid_request", "Give max_concurrent, queue or rate.");
  }
  return {
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    ...(maxQueueSize === undefined ? {} : { maxQueueSize }),
    ...(rate === undefined ? {} : { rate }),
  };
}

function toRate(text: string): Rate | "none" | null {
  return text === "none" ? text : parseRate(text);
}

import type { LaneConfig, RouteConfig } from "../config/config.ts";
import type { ActiveLane } from "../dispatch/lane.ts";
import { createRouter, type Router } from "../intake/router.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { LaneStore } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import { type LaneSettings, UNCHANGED, workersFor } from "../task/lane.ts";

/** The lanes as they are worked now: as the routes say, with what was changed while running. */
export interface Lanes {
  /** The lane of a request; null when no route matches it. */
  readonly match: Router;
  named(name: string): LaneConfig | null;
  all(): readonly RunningLane[];
  /** Replaces the routes; what was changed about a lane holds for the lane of that name. */
  configure(routes: readonly RouteConfig[]): void;
  /** Resolves to false when there is no such lane; a change counts when it is durable. */
  change(name: string, change: Partial<LaneSettings>): Promise<boolean>;
}

export interface RunningLane extends ActiveLane {
  /** With the lane as it is worked. */
  readonly route: RouteConfig;
  readonly settings: LaneSettings;
}

export interface LanesSettings {
  readonly routes: readonly RouteConfig[];
  /** What was changed in earlier lives. */
  readonly changed: ReadonlyMap<string, LaneSettings>;
  readonly write: LaneStore["write"];
  readonly emit: Emitter<TaskEvents>["emit"];
  /** Hears of every change of any lane. */
  readonly onChange: (lanes: readonly ActiveLane[]) => void;
}

export function createLanes({ routes, changed, write, emit, onChange }: LanesSettings): Lanes {
  const settings = new Map(changed);
  let configured = routes;
  let lanes: ReadonlyMap<string, RunningLane> = new Map();
  let match: Router = () => null;
  let writing: Promise<unknown> = Promise.resolve();

  function rebuild(): void {
    const running = configured.map((route) => toRunning(route, settings.get(route.lane.name) ?? UNCHANGED));
    lanes = new Map(running.map((lane) => [lane.config.name, lane]));
    match = createRouter(running.map(({ route }) => route));
  }

  async function changeOne(name: string, change: Partial<LaneSettings>): Promise<boolean> {
    const before = lanes.get(name);
    if (before === undefined) return false;
    const after = { ...before.settings, ...change };
    await write(name, after);
    settings.set(name, after);
    rebuild();
    onChange([...lanes.values()]);
    emit("lane.changed", { lane: name, settings: after });
    return true;
  }

  rebuild();
  return {
    match: (method, path, host) => match(method, path, host),
    named: (name) => lanes.get(name)?.config ?? null,
    all: () => [...lanes.values()],
    configure(replacement) {
      configured = replacement;
      rebuild();
      onChange([...lanes.values()]);
    },
    change(name, change) {
      // One after the other: each begins with what the one before has written.
      const changed = writing.then(() => changeOne(name, change));
      writing = changed.catch(() => {});
      return changed;
    },
  };
}

function toRunning(route: RouteConfig, settings: LaneSettings): RunningLane {
  const { lane } = route;
  const maxConcurrent = settings.maxConcurrent ?? lane.maxConcurrent;
  const config: LaneConfig = {
    ...lane,
    maxConcurrent,
    workers: settings.maxConcurrent === null ? lane.workers : workersFor(maxConcurrent),
    maxQueueSize: settings.maxQueueSize ?? lane.maxQueueSize,
    rate: settings.rate === "none" ? null : (settings.rate ?? lane.rate),
  };
  return { route: { ...route, lane: config }, config, settings, paused: settings.paused };
}

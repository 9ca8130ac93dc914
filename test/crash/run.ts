// The crash check: a load, a gateway that is killed again and again, and at the end all the logs.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { INLINE_BODY_BYTES } from "../../src/store/store.ts";
import type { State } from "../../src/task/task.ts";
import { call, stats, type TaskView } from "../rig/client.ts";
import { type Gateway, type Owner, prepareGateway } from "../rig/gateway.ts";
import type { Digest, Evidence, Exported, Limits } from "./evidence.ts";
import { type Load, type LoadPlan, startLoad } from "./load.ts";
import { type Random, seededRandom } from "./random.ts";
import { digest, type LoadTarget, startLoadTarget, tokenOf } from "./target.ts";

export interface CrashPlan {
  readonly seed: number;
  readonly kills: number;
  /** A process works up to this long. */
  readonly lifeMs: number;
  readonly load: LoadPlan;
  /** The checkout to run. */
  readonly root?: string;
}

const LIMITS: Limits = Object.freeze({ cap: 4, maxAttempts: 4, inlineBytes: INLINE_BODY_BYTES });

/** About as long as a start takes. */
const START_MS = 800;

const QUIET_WITHIN_MS = 120_000;

const ARGS = [
  ["--max-concurrent", String(LIMITS.cap)],
  ["--num-workers", "50"],
  ["--max-attempts", String(LIMITS.maxAttempts)],
  ["--max-queue-size", "150"],
  ["--task-timeout", "20s"],
].flat();

/** Resolves with all the logs when the load is over, everything accepted has ended, and the last process has stopped. */
export async function runCrashes(owner: Owner, plan: CrashPlan): Promise<Evidence> {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  owner.after(async () => void delays.disable());
  const random = seededRandom(plan.seed);
  const moments = createMoments();
  // The load needs the target's arrivals and the target's requests come from the load.
  const target = await startLoadTarget({
    onArrival: (arrival) => (load.onArrival(arrival), moments.happen("arrival")),
    onAnswering: (arrival) => (load.onAnswering(arrival), moments.happen("answering")),
  });
  owner.after(() => target.close());
  const gateway = await prepareGateway(owner, {
    target: target.url,
    args: ARGS,
    ...(plan.root && { root: plan.root }),
  });
  const address = createAddress();
  const load: Load = startLoad({
    plan: plan.load,
    random,
    address: address.known,
    onAccepted: () => moments.happen("accepted"),
  });

  for (let kills = 0; kills < plan.kills; kills++) {
    gateway.spawn();
    const ready = gateway.ready().then(
      () => address.say(gateway.url),
      // It was killed before.
      () => {},
    );
    await untilRandomInstant(plan, random, ready, moments);
    gateway.kill("SIGKILL");
    await Promise.all([gateway.exited, ready]);
    address.forget();
  }
  gateway.spawn();
  await gateway.ready();
  address.say(gateway.url);
  await load.stop();
  return { ...(await gather(gateway, target, load)), logLateMs: delays.max / 1e6 };
}

/**
 * One in five while it starts; the others after a while of work, every second of these just when something happens: a
 * client has its 202, the target gets a request, or it is about to answer.
 */
async function untilRandomInstant(
  plan: CrashPlan,
  random: Random,
  ready: Promise<void>,
  moments: Moments,
): Promise<void> {
  if (random.chance(0.2)) {
    await delay(random() * START_MS);
    return;
  }
  await ready;
  await delay(random() * plan.lifeMs);
  if (random.chance(0.5)) return;
  await Promise.race([moments.next(random.pick(MOMENTS)), delay(plan.lifeMs)]);
  if (random.chance(0.5)) await delay(random() * 4);
}

async function gather(
  gateway: Gateway,
  target: LoadTarget,
  load: Load,
): Promise<Omit<Evidence, "logLateMs">> {
  const { url } = gateway;
  await untilQuiet(url);
  const { tasks: counts, in_flight: inFlight } = await stats(url);
  const exported = await exportAll(url);
  gateway.kill("SIGTERM");
  await gateway.exited;
  return {
    sent: load.sent,
    arrivals: target.arrivals,
    sightings: load.sightings,
    cancels: load.cancels,
    export: exported,
    stats: counts,
    inFlight,
    files: await digestFiles(join(gateway.dataDir, "bodies")),
    limits: LIMITS,
  };
}

/** Nothing waits or runs any more. When that is not so after a long time the logs will show it. */
async function untilQuiet(url: URL): Promise<void> {
  const deadline = performance.now() + QUIET_WITHIN_MS;
  const isEmpty = async (state: State): Promise<boolean> => {
    const answer = await call(url, { path: `/tasks?limit=1&status=${state}` });
    return answer.json<{ tasks: readonly unknown[] }>().tasks.length === 0;
  };
  // In the order in which tasks go, and once again for those that went back into line meanwhile.
  while (performance.now() < deadline) {
    const quiet = [await isEmpty("pending"), await isEmpty("processing"), await isEmpty("pending")];
    // What was cancelled holds its slot until its connection is closed.
    if (quiet.every(Boolean) && (await stats(url)).in_flight === 0) return;
    await delay(20);
  }
}

async function exportAll(url: URL): Promise<readonly Exported[]> {
  const all: Exported[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const after: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const page: { tasks: readonly TaskView[]; next_cursor: string | null } = (
      await call(url, { path: `/tasks?limit=100${after}` })
    ).json();
    for (const { task_id } of page.tasks) all.push(await exportOne(url, task_id));
    cursor = page.next_cursor;
  }
  return all;
}

async function exportOne(url: URL, taskId: string): Promise<Exported> {
  const task = (await call(url, { path: `/task/${taskId}` })).json();
  const { method, status: state, reason, response } = task;
  const result = response === null ? null : await call(url, { path: `/task/${taskId}/result` });
  return {
    taskId,
    token: tokenOf(task.path),
    method,
    state,
    reason,
    attempts: task.attempts.map(({ number, started_at, outcome }) => ({
      number,
      startedAt: Date.parse(started_at),
      outcome: outcome as Exported["attempts"][number]["outcome"],
    })),
    answer: result === null ? null : { status: result.status, body: digest(result.body) },
  };
}

async function digestFiles(folder: string): Promise<readonly Digest[]> {
  const names = await readdir(folder);
  return Promise.all(names.map(async (name) => digest(await readFile(join(folder, name)))));
}

const MOMENTS = ["accepted", "arrival", "answering"] as const;
type Moment = (typeof MOMENTS)[number];

interface Moments {
  happen(moment: Moment): void;
  next(moment: Moment): Promise<void>;
}

function createMoments(): Moments {
  const waiting = new Map<Moment, PromiseWithResolvers<void>>();
  return {
    happen(moment) {
      waiting.get(moment)?.resolve();
      waiting.delete(moment);
    },
    next(moment) {
      const found = waiting.get(moment) ?? Promise.withResolvers<void>();
      waiting.set(moment, found);
      return found.promise;
    },
  };
}

interface Address {
  known(): Promise<URL | null>;
  say(url: URL): void;
  forget(): void;
}

/** Where the present process listens: a promise while there is none. */
function createAddress(): Address {
  let next = Promise.withResolvers<URL | null>();
  let isKnown = false;
  return {
    known: () => next.promise,
    say(url) {
      isKnown = true;
      next.resolve(url);
    },
    forget() {
      if (isKnown) next = Promise.withResolvers();
      isKnown = false;
    },
  };
}

// Clients that send, look and cancel while the gateway dies and comes back, and log what they were told.

import { setTimeout as delay } from "node:timers/promises";
import { isFinal, type State } from "../../src/task/task.ts";
import { type Answer, call, type ProblemView } from "../rig/client.ts";
import type { Arrival, CancelReply, Fate, Sent, Sighting } from "./evidence.ts";
import type { Random } from "./random.ts";
import { type Act, bytesFor, digest, type Script, SCRIPT_HEADER, TOKEN_HEADER } from "./target.ts";

export interface LoadPlan {
  readonly clients: number;
  /** Up to this long between an answer and the next request. */
  readonly pauseMs: number;
  readonly lookers: number;
  /** Up to this long the target takes. */
  readonly latencyMs: number;
  /** This part of the running tasks is cancelled: some at once, some just when the target answers. */
  readonly cancelShare: number;
  /** This part meets 503, a broken connection or a 4xx or 5xx first. */
  readonly troubleShare: number;
}

export interface Load {
  readonly sent: readonly Sent[];
  readonly sightings: readonly Sighting[];
  readonly cancels: readonly CancelReply[];
  /** For the target to call. */
  readonly onArrival: (arrival: Arrival) => void;
  readonly onAnswering: (arrival: Arrival) => void;
  /** Sends nothing more; resolves when the last request has its answer or will have none. */
  stop(): Promise<void>;
}

export interface LoadSettings {
  readonly plan: LoadPlan;
  readonly random: Random;
  /** Where the gateway listens, as soon as it does; null when it will not any more. */
  readonly address: () => Promise<URL | null>;
  readonly onAccepted: () => void;
}

const METHODS = ["POST", "POST", "POST", "GET", "PUT", "PATCH"] as const;
const PRIORITIES = [0, 4, 4, 4, 4, 9] as const;
const DEFAULT_PRIORITY = 4;

export function startLoad({ plan, random, address, onAccepted }: LoadSettings): Load {
  const sent: Sent[] = [];
  const sightings: Sighting[] = [];
  const cancels: CancelReply[] = [];
  const accepted: string[] = [];
  const replies = new Set<Promise<void>>();
  let counter = 0;
  let stopped = false;

  async function send(base: URL): Promise<void> {
    const request = draw(`t${(counter += 1)}`, plan, random);
    const { token, method, priority, body, headers } = request;
    const at = performance.now();
    const note = (fate: Fate): void =>
      void sent.push({ token, method, priority, body: digest(body), at, fate });
    let answer: Answer;
    try {
      const bytes = method === "GET" ? {} : { body };
      answer = await call(base, { method, path: `/load/${token}?n=%2F&x=a+b`, headers, ...bytes });
    } catch {
      note({ kind: "unanswered" });
      return;
    }
    if (answer.status !== 202) {
      note({ kind: "refused", status: answer.status });
      return;
    }
    const taskId = answer.json().task_id;
    note({ kind: "accepted", taskId, at: performance.now() });
    accepted.push(taskId);
    onAccepted();
    if (random.chance(0.2)) await look(base, taskId);
  }

  async function look(base: URL, taskId: string): Promise<State | null> {
    const askedAt = performance.now();
    const answer = await call(base, { path: `/task/${taskId}` });
    const at = performance.now();
    if (answer.status !== 200 && answer.status !== 404) return null;
    const task = answer.status === 200 ? answer.json() : null;
    sightings.push({
      taskId,
      askedAt,
      at,
      state: task?.status ?? null,
      attempts: task?.attempts.length ?? 0,
    });
    return task?.status ?? null;
  }

  async function lookAround(base: URL): Promise<void> {
    // Mostly the latest, which are still moving.
    const back = random.chance(0.8) ? Math.min(60, accepted.length) : accepted.length;
    const place = accepted.length - 1 - Math.floor(random() * back);
    const taskId = accepted[place];
    if (taskId === undefined) return;
    const state = await look(base, taskId);
    if (state !== null && isFinal(state) && random.chance(0.5)) accepted.splice(place, 1);
  }

  async function cancel(taskId: string): Promise<void> {
    const base = await address();
    if (base === null) return;
    const answer = await call(base, { method: "POST", path: `/task/${taskId}/cancel` });
    const reply = toCancelReply(taskId, answer);
    if (reply !== null) cancels.push(reply);
  }

  function cancelLater({ taskId }: Arrival): void {
    const reply = cancel(taskId).catch(() => {});
    replies.add(reply);
    void reply.finally(() => replies.delete(reply));
  }

  async function repeat(act: (base: URL) => Promise<void>): Promise<void> {
    while (!stopped) {
      const base = await address();
      if (base === null) return;
      // The gateway died: the next address is that of its successor.
      await act(base).catch(() => {});
      await delay(random() * plan.pauseMs);
    }
  }

  const loops = [
    ...Array.from({ length: plan.clients }, () => repeat(send)),
    ...Array.from({ length: plan.lookers }, () => repeat(lookAround)),
  ];
  return {
    sent,
    sightings,
    cancels,
    onArrival(arrival) {
      if (!stopped && random.chance(plan.cancelShare / 3)) cancelLater(arrival);
    },
    onAnswering(arrival) {
      if (!stopped && random.chance((plan.cancelShare * 2) / 3)) cancelLater(arrival);
    },
    async stop() {
      stopped = true;
      await Promise.all(loops);
      await Promise.all(replies);
    },
  };
}

interface Drawn {
  readonly token: string;
  readonly method: string;
  readonly priority: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

function draw(token: string, plan: LoadPlan, random: Random): Drawn {
  const method = random.pick(METHODS);
  const priority = random.pick(PRIORITIES);
  const script: Script = { latencyMs: random() * plan.latencyMs, acts: drawActs(plan, random) };
  const headers = [TOKEN_HEADER, token, SCRIPT_HEADER, JSON.stringify(script)];
  if (priority !== DEFAULT_PRIORITY) headers.push("Headgate-Priority", String(priority));
  const body = method === "GET" ? Buffer.alloc(0) : bytesFor(`${token} asks `, drawSize(random));
  return { token, method, priority, headers, body };
}

function drawActs(plan: LoadPlan, random: Random): readonly Act[] {
  const fine: Act = { status: 200, sizeBytes: drawSize(random) };
  if (!random.chance(plan.troubleShare)) return [fine];
  const trouble: readonly Act[] = [
    { status: 503, sizeBytes: 10 },
    "reset",
    "cut",
    { status: 404, sizeBytes: 20 },
    { status: 500, sizeBytes: drawSize(random) },
  ];
  return [random.pick(trouble), fine];
}

/** Mostly small, some large enough to become files, a few of a megabyte. */
function drawSize(random: Random): number {
  if (random.chance(0.94)) return random.between(20, 2_000);
  return random.chance(0.85) ? random.between(66_000, 200_000) : 1_000_000;
}

function toCancelReply(taskId: string, answer: Answer): CancelReply | null {
  const at = performance.now();
  if (answer.status === 200) return { taskId, at, changed: true, state: answer.json().status };
  if (answer.status !== 409) return null;
  return { taskId, at, changed: false, state: answer.json<ProblemView>().task_status as State };
}

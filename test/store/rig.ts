// What the store's tests share: tasks in which no two values are alike, ends of attempts, and counting by hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClock } from "../../src/lib/clock.ts";
import { createIdSource } from "../../src/lib/id.ts";
import type { Claim, ListFilter, OpenStore } from "../../src/store/store.ts";
import type { Attempt, ClaimedTask, NewTask, State, StoredResponse, Task } from "../../src/task/task.ts";
import { STATES } from "../../src/task/task.ts";
import { complete } from "../../src/task/transition.ts";

export interface Opened {
  readonly store: OpenStore;
  /** Opens the same data again, once the store is closed; absent where nothing outlives it. */
  readonly reopen?: () => Promise<OpenStore>;
}

export type OpenForTest = () => Promise<Opened>;

/** Closes the store and opens its data again. */
export type Reopen = () => Promise<OpenStore>;

/** Registers tests that have a store of their own each. */
export function storeTest(
  open: OpenForTest,
): (name: string, run: (store: OpenStore, reopen: Reopen | null) => Promise<void>) => void {
  return (name, run) => {
    test(name, () => withStore(open, run));
  };
}

export async function withStore(
  open: OpenForTest,
  run: (store: OpenStore, reopen: Reopen | null) => Promise<void>,
): Promise<void> {
  const { store, reopen } = await open();
  let current = store;
  const again = async (): Promise<OpenStore> => {
    assert.ok(reopen);
    await current.close();
    current = await reopen();
    return current;
  };
  try {
    await run(store, reopen === undefined ? null : again);
  } finally {
    await current.close();
  }
}

export const START: number = Date.UTC(2026, 1, 4, 3, 4, 5);
const newId = createIdSource(createClock());
let made = 0;

/** A task unlike any other. */
export function newTask(overrides: Partial<NewTask> = {}): NewTask {
  const number = ++made;
  return {
    id: newId(),
    lane: "lane",
    request: {
      method: "POST",
      path: `/path/${number}?query=${number}`,
      headers: ["Host", `host-${number}`],
      body: { kind: "inline", bytes: Buffer.from(`request ${number}`) },
    },
    priority: 4,
    client: `client-${number}`,
    weight: 1,
    labels: {},
    createdAt: START + number,
    notBefore: null,
    startBefore: null,
    timeoutMs: 600_000 + number,
    maxAttempts: 3,
    idempotent: false,
    retryOf: null,
    batch: null,
    callbacks: [],
    dedupe: null,
    ...overrides,
  };
}

export async function enqueueAll(store: OpenStore, tasks: readonly NewTask[]): Promise<void> {
  for (let start = 0; start < tasks.length; start += 2_000) {
    const accepted = await Promise.all(
      tasks.slice(start, start + 2_000).map((task) => store.enqueue(task, Infinity)),
    );
    assert.ok(accepted.every((answer) => answer !== null));
  }
}

export async function enqueueMany(
  store: OpenStore,
  count: number,
  overrides: Partial<NewTask> = {},
): Promise<NewTask[]> {
  const tasks = Array.from({ length: count }, () => newTask(overrides));
  await enqueueAll(store, tasks);
  return tasks;
}

/** Claims as node `a`, without bound unless one is given. */
export function claim(
  store: OpenStore,
  overrides: Partial<Parameters<OpenStore["claim"]>[0]> = {},
): Promise<Claim> {
  return store.claim({ lane: "lane", node: "a", limit: 1_000, cap: 1_000, now: START, ...overrides });
}

export async function claimOne(
  store: OpenStore,
  overrides: Partial<Parameters<OpenStore["claim"]>[0]> = {},
): Promise<ClaimedTask> {
  const { tasks } = await claim(store, { ...overrides, limit: 1 });
  assert.equal(tasks.length, 1);
  return tasks[0]!;
}

/** Accepts a task and claims it. */
export async function running(
  store: OpenStore,
  overrides: Partial<NewTask> = {},
  now: number = START + 50_000,
): Promise<ClaimedTask> {
  const task = newTask({ lane: `lane-${made}`, ...overrides });
  await store.enqueue(task, Infinity);
  return claimOne(store, { lane: task.lane, now });
}

export function idsOf(tasks: readonly (Task | ClaimedTask | NewTask)[]): string[] {
  return tasks.map((task) => ("lease" in task ? task.lease.taskId : task.id));
}

export function attemptOf(task: ClaimedTask, overrides: Partial<Attempt> = {}): Attempt {
  return {
    number: task.attempt,
    target: `http://target-${task.attempt}`,
    startedAt: task.startedAt,
    endedAt: task.startedAt + 700 + task.attempt,
    outcome: "answered",
    status: 200 + task.attempt,
    error: null,
    ...overrides,
  };
}

export const ANSWER: StoredResponse = {
  status: 201,
  headers: ["Content-Type", "text/plain"],
  body: { kind: "inline", bytes: Buffer.from("answer") },
};

/** Settles as completed. */
export function finish(
  store: OpenStore,
  task: ClaimedTask,
  at: number = task.startedAt + 1_000,
): Promise<boolean> {
  return store.settle(complete(task, attemptOf(task), ANSWER, at));
}

export async function find(store: OpenStore, id: string): Promise<Task> {
  const found = await store.find(id);
  assert.ok(found, `${id} is there`);
  return found.task;
}

export async function positionOf(store: OpenStore, id: string): Promise<number | null | undefined> {
  return (await store.find(id))?.position;
}

/** Every page, put together. */
export async function listAll(
  store: OpenStore,
  filter: Omit<ListFilter, "after" | "limit"> = {},
  limit = 1_000,
): Promise<{ tasks: Task[]; pages: number }> {
  const tasks: Task[] = [];
  let after: string | null = null;
  let pages = 0;
  do {
    const page = await store.list({ ...filter, limit, ...(after === null ? {} : { after }) });
    assert.ok(page.tasks.length <= limit);
    tasks.push(...page.tasks);
    after = page.next;
    pages += 1;
  } while (after !== null);
  return { tasks, pages };
}

/** The kept counts are what counting gives. */
export async function assertTallied(
  store: OpenStore,
  inFlight: Readonly<Record<string, number>> = {},
): Promise<void> {
  const counted = new Map<string, Record<State, number>>();
  for (const { lane, state } of (await listAll(store)).tasks) {
    const counts = counted.get(lane) ?? noneOfEach();
    counts[state] += 1;
    counted.set(lane, counts);
  }
  for (const tally of await store.tally()) {
    const counts = counted.get(tally.lane) ?? noneOfEach();
    assert.deepEqual(tally.stored, counts, tally.lane);
    assert.equal(tally.inFlight, inFlight[tally.lane] ?? counts.processing, `in flight in ${tally.lane}`);
    counted.delete(tally.lane);
  }
  assert.deepEqual([...counted.keys()], [], "lanes without a tally");
}

export function noneOfEach(): Record<State, number> {
  return Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>;
}

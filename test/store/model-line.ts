// The line and its fair shares in the plainest words: nothing is kept but what was charged; who waits is looked up.

import type { State } from "../../src/task/task.ts";

export interface Kept {
  readonly id: string;
  lane: string;
  readonly client: string;
  readonly weight: number;
  readonly seq: number;
  readonly createdAt: number;
  startBefore: number | null;
  priority: number;
  rank: number;
  /** By its client, as opposed to one that waits for another try. */
  isDelayed: boolean;
  notBefore: number | null;
  state: State;
  completedAt: number | null;
  attempt: number;
  epoch: number;
  /** Who holds a slot for it. */
  node: string | null;
}

type Level = Pick<Kept, "lane" | "priority">;

interface Charge {
  finish: number;
  last: number;
}

const TURN = 1_024;

export class ModelLine {
  readonly #tasks: () => readonly Kept[];
  readonly #now = new Map<string, number>();
  readonly #charges = new Map<string, Charge>();

  constructor(tasks: () => readonly Kept[]) {
    this.#tasks = tasks;
  }

  of(lane: string): Kept[] {
    return this.#tasks()
      .filter((task) => task.lane === lane && waits(task))
      .toSorted((a, b) => b.priority - a.priority || a.rank - b.rank || a.seq - b.seq);
  }

  enter(task: Kept): void {
    const now = this.#nowOf(task);
    const charge = this.#chargeOf(task);
    const waitsToo = this.#beside(task).some(({ client }) => client === task.client);
    const start = Math.max(charge.finish, waitsToo ? Math.max(charge.last, now - TURN) : now);
    charge.finish = start + TURN / task.weight;
    charge.last = start;
    Object.assign(task, { rank: Math.floor(start), notBefore: null, isDelayed: false });
  }

  comeBack(task: Kept): void {
    const charge = this.#chargeOf(task);
    if (!this.#beside(task).some(({ client }) => client === task.client))
      charge.finish = Math.max(charge.finish, this.#nowOf(task));
    task.notBefore = null;
  }

  /** Called before the task is changed. */
  start(task: Kept): void {
    const weights = new Map([...this.#beside(task), task].map(({ client, weight }) => [client, weight]));
    const step = TURN / [...weights.values()].reduce((sum, weight) => sum + weight, 0);
    const now = this.#nowOf(task);
    this.#now.set(levelOf(task), Math.max(now, task.rank, Math.min(now + step, task.rank + TURN)));
    this.#forget(task);
  }

  /** Called before the task is changed; it need not stand in line. */
  leave(task: Kept): void {
    if (!waits(task)) return;
    const charge = this.#charges.get(chargeKey(task));
    if (task.attempt === 0 && charge !== undefined) charge.finish -= TURN / task.weight;
    this.#forget(task);
  }

  amend(task: Kept, lane: string, priority: number, notBefore: number | null = task.notBefore): void {
    const moves = lane !== task.lane || priority !== task.priority;
    if (!moves && notBefore === task.notBefore) return;
    if (!moves && notBefore === null && !task.isDelayed) return this.comeBack(task);
    this.leave(task);
    const isDelayed = task.isDelayed || notBefore !== task.notBefore;
    const rank = Math.floor(this.#nowOf({ lane, priority }));
    Object.assign(task, { lane, priority, notBefore, isDelayed, rank });
    if (notBefore === null) this.enter(task);
  }

  #beside(task: Kept): Kept[] {
    return this.of(task.lane).filter((other) => other.priority === task.priority && other !== task);
  }

  #nowOf(level: Level): number {
    return this.#now.get(levelOf(level)) ?? 0;
  }

  #chargeOf(task: Kept): Charge {
    const known = this.#charges.get(chargeKey(task)) ?? { finish: this.#nowOf(task), last: 0 };
    this.#charges.set(chargeKey(task), known);
    return known;
  }

  /** When nobody waits, all are equal again. */
  #forget(task: Kept): void {
    if (this.#beside(task).length > 0) return;
    for (const key of this.#charges.keys())
      if (key.startsWith(`${levelOf(task)}/`)) this.#charges.delete(key);
  }
}

function waits(task: Kept): boolean {
  return task.state === "pending" && task.notBefore === null;
}

function levelOf({ lane, priority }: Level): string {
  return `${lane}/${priority}`;
}

function chargeKey(task: Kept): string {
  return `${levelOf(task)}/${task.client}`;
}

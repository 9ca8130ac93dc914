// The store's contract in the plainest words: an array of tasks. Slow and obviously right; what the drivers are held to.

import type { Accepted } from "../../src/store/acceptance.ts";
import type { Amendment, Cancellation, Expired, LaneTally, Removal } from "../../src/store/store.ts";
import type { Settlement } from "../../src/task/settlement.ts";
import type { Lease, NewTask } from "../../src/task/task.ts";
import { isFinal } from "../../src/task/task.ts";
import type { Kept } from "./model-line.ts";
import { ModelLine } from "./model-line.ts";
import { noneOfEach } from "./rig.ts";

type Total = Record<"accepted" | "completed" | "failed" | "cancelled", number>;

export class ModelStore {
  tasks: Kept[] = [];
  /** Ends that somebody is told of, in their order; each task asks for those that did not complete. */
  readonly owed: string[] = [];
  readonly #totals = new Map<string, Total>();
  readonly #nodes = new Map<string, number>();
  readonly #line = new ModelLine(() => this.tasks);
  #lastSeq = 0;

  enqueue(task: NewTask, capacity: number): Accepted | null {
    const { id, lane, client, weight, createdAt, startBefore, priority, notBefore } = task;
    if (this.#pending(lane) >= capacity) return null;
    const kept: Kept = {
      id,
      lane,
      client,
      weight,
      seq: ++this.#lastSeq,
      createdAt,
      startBefore,
      priority,
      rank: 0,
      isDelayed: notBefore !== null,
      notBefore,
      state: "pending",
      completedAt: null,
      attempt: 0,
      epoch: 0,
      node: null,
    };
    this.tasks.push(kept);
    if (notBefore === null) this.#line.enter(kept);
    this.#count(lane, "accepted");
    return { position: this.position(id), pending: this.#pending(lane) };
  }

  claim(lane: string, node: string, limit: number, cap: number, now: number): unknown {
    const due = this.#delayed(lane).filter((task) => task.notBefore! <= now);
    for (const task of due.toSorted((a, b) => a.notBefore! - b.notBefore! || a.seq - b.seq)) {
      if (task.isDelayed) this.#line.enter(task);
      else this.#line.comeBack(task);
    }
    const free = Math.min(
      limit,
      cap - this.tasks.filter((task) => task.lane === lane && task.node !== null).length,
    );
    const next = this.#line
      .of(lane)
      .filter((task) => task.startBefore === null || task.startBefore > now || task.attempt > 0)
      .slice(0, Math.max(0, free));
    for (const task of next) {
      this.#line.start(task);
      Object.assign(task, { state: "processing", node, epoch: task.epoch + 1, attempt: task.attempt + 1 });
    }
    const dueAt = this.#delayed(lane).map(({ notBefore }) => notBefore!);
    return {
      leases: next.map((task) => leaseOf(task)),
      attempts: next.map(({ attempt }) => attempt),
      nextDueAt: dueAt.length === 0 ? null : Math.min(...dueAt),
      pending: this.#pending(lane),
    };
  }

  settle(settlement: Settlement): boolean {
    const { lease, to, at, attempt } = settlement;
    const task = this.tasks.find(
      ({ id, node, epoch }) => id === lease.taskId && node === lease.node && epoch === lease.epoch,
    );
    if (task === undefined) return false;
    task.node = null;
    if (task.state !== "processing") return false;
    task.state = to;
    if (attempt === null) task.attempt -= 1;
    if (settlement.to === "pending") {
      task.notBefore = settlement.notBefore;
      task.isDelayed = false;
      if (task.notBefore === null) this.#line.comeBack(task);
    }
    if (isFinal(to)) this.#end(task, to, at);
    return true;
  }

  cancel(id: string, at: number): Cancellation | null {
    const task = this.#find(id);
    if (task === undefined) return null;
    const { state: from, lane, client } = task;
    if (isFinal(from)) return { changed: false, from, lane, client };
    this.#end(task, "cancelled", at);
    return { changed: true, from, lane, client };
  }

  amend(id: string, changes: Amendment): boolean | null {
    const task = this.#find(id);
    if (task === undefined) return null;
    if (task.state !== "pending") return false;
    const { lane = task.lane, priority = task.priority, notBefore } = changes;
    if (notBefore !== undefined && notBefore !== task.notBefore && task.startBefore !== null) {
      task.startBefore += Math.max(0, (notBefore ?? 0) - (task.notBefore ?? task.createdAt));
    }
    this.#totals.set(lane, this.#totalOf(lane));
    this.#line.amend(task, lane, priority, notBefore);
    return true;
  }

  remove(id: string): Removal | null {
    const task = this.#find(id);
    if (task === undefined) return null;
    const { state, lane, client, node } = task;
    const removed = isFinal(state) && node === null;
    if (removed) this.tasks = this.tasks.filter((other) => other !== task);
    return { removed, state, lane, client };
  }

  prune(endedBefore: number, limit: number, lane?: string): number {
    const old = this.tasks
      .filter((task) => (lane ?? task.lane) === task.lane)
      .filter((task) => task.completedAt !== null && task.completedAt < endedBefore && task.node === null)
      .toSorted((a, b) => (a.lane < b.lane ? -1 : a.lane > b.lane ? 1 : a.completedAt! - b.completedAt!))
      .slice(0, limit);
    this.tasks = this.tasks.filter((task) => !old.includes(task));
    return old.length;
  }

  giveUp(now: number, limit: number): Expired[] {
    const overdue = this.tasks
      .filter(
        (task) =>
          task.state === "pending" &&
          task.attempt === 0 &&
          task.startBefore !== null &&
          task.startBefore <= now,
      )
      .toSorted((a, b) => a.startBefore! - b.startBefore!)
      .slice(0, limit);
    for (const task of overdue) this.#end(task, "failed", now);
    return overdue.map(({ id, lane, client }) => ({ id, lane, client }));
  }

  renew(node: string, leaseUntil: number): string[] {
    this.#nodes.set(node, leaseUntil);
    return this.tasks.filter((task) => task.node === node && task.state === "cancelled").map(({ id }) => id);
  }

  takeOver(node: string, now: number, ownToo: boolean): Lease[] {
    const isLost = (holder: string): boolean =>
      holder === node ? ownToo : (this.#nodes.get(holder) ?? -Infinity) <= now;
    const lost = this.tasks.filter((task) => task.node !== null && isLost(task.node));
    for (const task of lost)
      Object.assign(task, task.state === "processing" ? { node, epoch: task.epoch + 1 } : { node: null });
    return lost.filter(({ state }) => state === "processing").map((task) => leaseOf(task));
  }

  position(id: string): number | null {
    const task = this.#find(id)!;
    const place = this.#line.of(task.lane).indexOf(task);
    return place === -1 ? null : place + 1;
  }

  tally(): LaneTally[] {
    return [...this.#totals].map(([lane, total]) => {
      const stored = noneOfEach();
      const ours = this.tasks.filter((task) => task.lane === lane);
      for (const task of ours) stored[task.state] += 1;
      return { lane, stored, total, inFlight: ours.filter(({ node }) => node !== null).length };
    });
  }

  #find(id: string): Kept | undefined {
    return this.tasks.find((task) => task.id === id);
  }

  #pending(lane: string): number {
    return this.tasks.filter((task) => task.lane === lane && task.state === "pending").length;
  }

  #delayed(lane: string): Kept[] {
    return this.tasks.filter(
      (task) => task.lane === lane && task.state === "pending" && task.notBefore !== null,
    );
  }

  #end(task: Kept, state: "completed" | "failed" | "cancelled", at: number): void {
    if (state !== "completed") {
      this.#line.leave(task);
      this.owed.push(`${task.id} ${state}`);
    }
    Object.assign(task, { state, completedAt: at, notBefore: null });
    this.#count(task.lane, state);
  }

  #count(lane: string, what: keyof Total): void {
    const total = this.#totalOf(lane);
    total[what] += 1;
    this.#totals.set(lane, total);
  }

  #totalOf(lane: string): Total {
    return this.#totals.get(lane) ?? { accepted: 0, completed: 0, failed: 0, cancelled: 0 };
  }
}

function leaseOf({ id, node, epoch }: Kept): Lease {
  return { taskId: id, node: node!, epoch };
}

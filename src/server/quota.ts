import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import type { AccessKey } from "../task/access-key.ts";
import type { Charge } from "../task/charge.ts";
import type { TaskEvents } from "../task/event.ts";
import type { Rate } from "../task/lane.ts";

/** What keys may use, and how much of it they have. Counted by this node. */
export interface Quotas {
  /**
   * Takes what so many tasks need; throws `quota_exceeded`, or `invalid_request` for more than there can ever be. Places are
   * held until the tasks are accepted, or requests that come together would all find the same ones free.
   */
  take(key: AccessKey, tasks: number): Charge;
  /** So many tasks of each client have not ended. To be said before anything happens: from then on what happens is counted. */
  begin(open: ReadonlyMap<string, number>): void;
  /** The same while things happen. */
  recount(count: () => Promise<ReadonlyMap<string, number>>): Promise<void>;
}

/**
 * What the store has counted is told of in a moment, and would be counted twice. So a count is exact for a client of whom
 * nothing is told from before it to well after. For the others it is a first guess, wrong by no more than what was under way,
 * and they are counted again until each was quiet once.
 */
const SETTLE_MS = 50;

/** Whoever was busy so often is busy for long: from then on there is a pause. To count reads every task that waits. */
const COUNTS_WITHOUT_PAUSE = 20;
const PAUSE_MS = 1_000;

interface Bucket {
  readonly rate: Rate;
  tokens: number;
  filledAt: number;
}

export function createQuotas(events: Emitter<TaskEvents>, clock: Clock): Quotas {
  const buckets = new Map<string, Bucket>();
  let openOf = new Map<string, number>();
  /** What was told of each client since the store was asked to count; null while it is not. */
  let toldSince: Map<string, number> | null = null;
  const setOpen = (client: string, tasks: number): void => {
    if (tasks > 0) openOf.set(client, tasks);
    else openOf.delete(client);
  };
  const count = (client: string, change: number): void => {
    toldSince?.set(client, (toldSince.get(client) ?? 0) + change);
    setOpen(client, (openOf.get(client) ?? 0) + change);
  };
  const held = new Map<string, number>();
  const hold = (client: string, tasks: number): void => {
    const next = (held.get(client) ?? 0) + tasks;
    if (next > 0) held.set(client, next);
    else held.delete(client);
  };
  events.on("task.accepted", ({ client }) => count(client, 1));
  events.on("task.ended", ({ client }) => count(client, -1));

  function bucketOf({ name }: AccessKey, rate: Rate): Bucket {
    const now = clock.monotonicMs();
    let bucket = buckets.get(name);
    // Another rate begins anew.
    if (bucket?.rate.count !== rate.count || bucket.rate.perMs !== rate.perMs) {
      bucket = { rate, tokens: rate.count, filledAt: now };
      buckets.set(name, bucket);
    }
    const perToken = rate.perMs / rate.count;
    bucket.tokens = Math.min(rate.count, bucket.tokens + (now - bucket.filledAt) / perToken);
    bucket.filledAt = now;
    return bucket;
  }

  return {
    take(key, tasks) {
      const { rate, maxOpen } = key.quota;
      const { client } = key;
      const most = Math.min(maxOpen ?? Infinity, rate?.count ?? Infinity);
      if (tasks > most) throw tooMany(tasks, most);
      const taken = (openOf.get(client) ?? 0) + (held.get(client) ?? 0);
      if (maxOpen !== null && taken + tasks > maxOpen) {
        throw new HeadgateError(
          "quota_exceeded",
          `This key's client may have ${maxOpen} tasks that have not ended.`,
          { retryAfterSeconds: 1, headers: rate === null ? NONE : rateLimitFields(bucketOf(key, rate)) },
        );
      }
      const bucket = rate === null ? null : bucketOf(key, rate);
      if (bucket !== null) spend(bucket, tasks);
      hold(client, tasks);
      let isHeld = true;
      return {
        fields: bucket === null ? NONE : rateLimitFields(bucket),
        done() {
          if (isHeld) hold(client, -tasks);
          isHeld = false;
        },
      };
    },
    begin(open) {
      openOf = new Map(open);
    },
    async recount(countOpen) {
      const wait = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
      /** Who is still to be counted; null for everybody. */
      let left: ReadonlySet<string> | null = null;
      try {
        for (let counts = 0; left === null || left.size > 0; counts++) {
          if (counts >= COUNTS_WITHOUT_PAUSE) await wait(PAUSE_MS);
          const told = new Map<string, number>();
          toldSince = told;
          const open = await countOpen();
          await wait(SETTLE_MS);
          const counted: ReadonlySet<string> =
            left ?? new Set([...openOf.keys(), ...open.keys(), ...told.keys()]);
          for (const client of counted) setOpen(client, (open.get(client) ?? 0) + (told.get(client) ?? 0));
          left = counted.intersection(told);
        }
      } finally {
        toldSince = null;
      }
    },
  };
}

function spend(bucket: Bucket, tasks: number): void {
  const { rate } = bucket;
  if (bucket.tokens >= tasks) {
    bucket.tokens -= tasks;
    return;
  }
  const waitMs = ((tasks - bucket.tokens) * rate.perMs) / rate.count;
  throw new HeadgateError(
    "quota_exceeded",
    `This key may submit ${rate.count} requests in ${rate.perMs / 1_000} s.`,
    { retryAfterSeconds: Math.ceil(waitMs / 1_000), headers: rateLimitFields(bucket) },
  );
}

/** Waiting would not help. */
function tooMany(tasks: number, most: number): HeadgateError {
  return new HeadgateError(
    "invalid_request",
    `The quota of this key never has room for ${tasks} requests at once; send at most ${most} together.`,
    { field: "requests" },
  );
}

const NONE: Readonly<Record<string, string>> = Object.freeze({});

/** draft-ietf-httpapi-ratelimit-headers: the policy, what remains of it, and the seconds until it is whole again. */
function rateLimitFields({ rate, tokens }: Bucket): Record<string, string> {
  const remaining = Math.max(0, Math.floor(tokens));
  const whole = Math.ceil(((rate.count - tokens) * rate.perMs) / rate.count / 1_000);
  return {
    "RateLimit-Policy": `"key";q=${rate.count};w=${Math.ceil(rate.perMs / 1_000)}`,
    RateLimit: `"key";r=${remaining};t=${whole}`,
  };
}

import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import type { AccessKey } from "../task/access-key.ts";
import type { TaskEvents } from "../task/event.ts";
import type { Rate } from "../task/lane.ts";

/** What keys may use, and how much of it they have. Counted by this node. */
export interface Quotas {
  /** Takes what so many tasks need; throws `quota_exceeded`. Answers the fields that tell the client how it stands. */
  take(key: AccessKey, tasks: number): Readonly<Record<string, string>>;
  /** So many tasks of each client have not ended. */
  recount(open: ReadonlyMap<string, number>): void;
}

interface Bucket {
  readonly rate: Rate;
  tokens: number;
  filledAt: number;
}

export function createQuotas(events: Emitter<TaskEvents>, clock: Clock): Quotas {
  const buckets = new Map<string, Bucket>();
  let openOf = new Map<string, number>();
  const count = (client: string, change: number): void => {
    const next = (openOf.get(client) ?? 0) + change;
    if (next > 0) openOf.set(client, next);
    else openOf.delete(client);
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
      if (maxOpen !== null && (openOf.get(key.client) ?? 0) + tasks > maxOpen) {
        throw new HeadgateError(
          "quota_exceeded",
          `This key's client may have ${maxOpen} tasks that have not ended.`,
          { retryAfterSeconds: 1 },
        );
      }
      if (rate === null) return NONE;
      const bucket = bucketOf(key, rate);
      const fields = (): Record<string, string> => rateLimitFields(bucket);
      if (bucket.tokens < tasks) {
        const waitMs = ((tasks - bucket.tokens) * rate.perMs) / rate.count;
        throw new HeadgateError(
          "quota_exceeded",
          `This key may submit ${rate.count} requests in ${rate.perMs / 1_000} s.`,
          { retryAfterSeconds: Math.ceil(waitMs / 1_000), headers: fields() },
        );
      }
      bucket.tokens -= tasks;
      return fields();
    },
    recount(open) {
      openOf = new Map(open);
    },
  };
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

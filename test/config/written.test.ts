// Whatever is right and written out as YAML, in whatever style, is read back as what was meant.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import type { LaneConfig, PoolConfig } from "../../src/config/config.ts";
import { DEFAULT_POLICY, type RetryCause } from "../../src/task/decide.ts";
import { load } from "./loading.ts";

/** As a person would write it, and what is meant. */
interface Told<Value> {
  readonly written: unknown;
  readonly meant: Value;
}

const same = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Told<Value>> =>
  values.map((value) => ({ written: value, meant: value }));

const duration = (mostMs = 86_400_000): fc.Arbitrary<Told<number>> =>
  fc.oneof(
    fc.integer({ min: 1_000, max: mostMs }).map((ms) => ({ written: `${ms}ms`, meant: ms })),
    fc.integer({ min: 1, max: mostMs / 1_000 }).map((s) => ({ written: s, meant: s * 1_000 })),
    fc.integer({ min: 1, max: mostMs / 60_000 }).map((m) => ({ written: `${m}m`, meant: m * 60_000 })),
  );

const rate = fc
  .record({ count: fc.integer({ min: 1, max: 9_999_999 }), unit: fc.constantFrom("s", "m", "h", "d") })
  .map(({ count, unit }) => ({
    written: `${count}/${unit}`,
    meant: {
      count,
      perMs: { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit],
      burst: Math.max(1, Math.floor(count / 10)),
    },
  }));

const failOn = fc
  .uniqueArray(fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom("2xx", "3xx", "4xx", "5xx")))
  .map((written) => ({
    written,
    meant: new Set(
      written.flatMap((each) =>
        typeof each === "number" ? [each] : Array.from({ length: 100 }, (_, i) => Number(each[0]) * 100 + i),
      ),
    ),
  }));

const retryOn = fc.uniqueArray(
  fc.oneof(fc.integer({ min: 400, max: 599 }), fc.constantFrom<RetryCause>("connect", "timeout", "reset")),
);

const cache = fc.oneof(
  same(fc.constant(false)).map(({ written }) => ({ written, meant: null })),
  fc.constant({ written: true, meant: { defaultTtlMs: null, coalesce: true } }),
  fc.record({ ttl: duration(), coalesce: fc.boolean() }).map(({ ttl, coalesce }) => ({
    written: { ttl: ttl.written, coalesce },
    meant: { defaultTtlMs: ttl.meant, coalesce },
  })),
);

const attempts = fc.integer({ min: 1, max: 100 });
const retry = fc.oneof(
  fc
    .constantFrom("off", false)
    .map((written) => ({ written, meant: { maxAttempts: 1, policy: DEFAULT_POLICY.retry } })),
  fc
    .record({
      attempts,
      on: retryOn,
      times: fc.tuple(duration(), duration()),
      jitter: fc.constantFrom("full", "none"),
    })
    .map(({ attempts, on, times, jitter }) => {
      const [initial, max] = times.toSorted((a, b) => a.meant - b.meant) as [Told<number>, Told<number>];
      const backoff = { initialMs: initial.meant, maxMs: max.meant, jitter };
      return {
        written: { attempts, on, backoff: { initial: initial.written, max: max.written, jitter } },
        meant: { maxAttempts: attempts, policy: { ...DEFAULT_POLICY.retry, on: new Set(on), backoff } },
      };
    }),
);

const concurrency = fc.oneof(
  fc
    .integer({ min: 1, max: 100_000 })
    .map((most) => ({ written: most, meant: { maxConcurrent: most, workers: most } })),
  fc.constant({ written: "auto", meant: { maxConcurrent: "auto", workers: 1_000 } }),
);

const lane = fc
  .record({
    name: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
    max_concurrent: concurrency,
    rate,
    queue: fc.integer({ min: 1, max: 1_000_000_000 }),
    timeout: duration(),
    start_within: duration(),
    retry,
    idempotent: fc.boolean(),
    on_cancel: fc.constantFrom("disconnect", "finish"),
    key_header: fc.constantFrom("headgate-key", "authorization"),
    fail_on: failOn,
    wait: duration(60_000),
    cache,
    priority: fc.integer({ min: 0, max: 9 }),
    retention: duration(),
  })
  .map((told) => {
    const { name, queue, idempotent, priority } = told;
    const { maxAttempts, policy } = told.retry.meant;
    return {
      written: Object.fromEntries(
        Object.entries(told).map(([key, value]) => [
          key,
          typeof value === "object" && "written" in value ? value.written : value,
        ]),
      ),
      meant: {
        name,
        pool: "m",
        ...told.max_concurrent.meant,
        maxQueueSize: queue,
        rate: told.rate.meant,
        timeoutMs: told.timeout.meant,
        startWithinMs: told.start_within.meant,
        maxAttempts,
        policy: { failOn: told.fail_on.meant, retry: policy },
        idempotent,
        waitMs: told.wait.meant,
        onCancel: told.on_cancel,
        keyIn: told.key_header,
        cache: told.cache.meant,
        priority,
        retentionMs: told.retention.meant,
      } satisfies LaneConfig,
    };
  });

const pool = fc
  .record({
    ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 20 }),
    weight: fc.integer({ min: 1, max: 1_000 }),
    balance: fc.constantFrom("round_robin", "least_busy", "random_two"),
    max_concurrent: fc.integer({ min: 1, max: 100_000 }),
    budget: fc.integer({ min: 0, max: 100 }),
    failures: fc.integer({ min: 0, max: 1_000 }),
    open: duration(),
  })
  .map(({ ports, weight, balance, max_concurrent, budget, failures, open }) => ({
    written: {
      // The first with all there is to say, the others as text.
      urls: ports.map((port, i) =>
        i === 0 ? { url: `https://h:${port}/base`, weight } : `https://h:${port}/base/`,
      ),
      balance,
      max_concurrent,
      retry_budget: `${budget}%`,
      circuit: { failures, open: open.written, max_open: "30d" },
    },
    meant: {
      name: "m",
      targets: ports.map((port, i) => ({
        url: new URL(`https://h:${port}/base`),
        weight: i === 0 ? weight : 1,
        maxConcurrent: max_concurrent,
      })),
      balance: { by: balance },
      health: null,
      circuit: { failures, openMs: open.meant, maxOpenMs: 2_592_000_000 },
      retryBudget: budget / 100,
    } as PoolConfig,
  }));

test("a written file says what was meant", () => {
  const lanes = fc.uniqueArray(lane, { minLength: 1, maxLength: 5, selector: ({ meant }) => meant.name });
  const style = fc.constantFrom("flow" as const, "block" as const);
  fc.assert(
    fc.property(lanes, pool, style, (lanes, pool, collectionStyle) => {
      const routes = lanes.map(({ written }, i) => ({ match: `/r${i}/**`, ...written }));
      const file = stringify({ targets: { m: pool.written }, routes }, { collectionStyle });
      const { config } = load({ file });
      assert.deepEqual(config.pools, [pool.meant]);
      assert.deepEqual(
        config.routes.map(({ lane }) => lane),
        lanes.map(({ meant }) => meant),
      );
    }),
    { numRuns: 100 },
  );
});

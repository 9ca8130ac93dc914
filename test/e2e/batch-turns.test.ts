// Whatever batch a client sends, everybody else is answered meanwhile.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { post, type Problem } from "../rig/batch.ts";
import { call, eventually } from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { startTarget } from "../rig/target.ts";

/** RELIABILITY: p99 of `/healthz`. In time of a processor; the worst here take a quarter of it. */
const LONGEST_TURN_MS = 50;
const BATCH_BYTES = 8 * 1024 * 1024;

const owner = { after };
const target = await startTarget();
owner.after(() => target.close());
const gateway = await startGateway(owner, {
  target: target.url,
  args: ["--max-concurrent", "2", "--max-queue-size", "100000"],
  preload: new URL("../rig/measure-turns.ts", import.meta.url),
});
const { url } = gateway;

/** Since it was asked before. */
async function longestTurnMs(): Promise<number> {
  const said = (): readonly number[] =>
    [...gateway.output.matchAll(/\[longest turn ([\d.e-]+) ms\]/g)].map(([, ms]) => Number(ms));
  const before = said().length;
  gateway.kill("SIGUSR2");
  return (await eventually(said, ({ length }) => length > before)).at(-1)!;
}

/** As many as fit into so many bytes. */
function many(write: (i: number) => string, bytes: number): string {
  let text = "";
  for (let i = 0; text.length + write(i).length < bytes; i++) text += (i === 0 ? "" : ",") + write(i);
  return text;
}

const room = BATCH_BYTES - 100;
const batchOf = (request: (i: number) => string): string =>
  `{"requests":[${Array.from({ length: 1_000 }, (_, i) => request(i)).join(",")}]}`;
const batchOfBody = (json: string): string => `{"requests":[{"path":"/ok","body":${json}}]}`;
const fields = many((i) => `"X-Field-${i}":"value ${i}"`, 5_500);

const BATCHES: readonly [string, string, number, Partial<Problem>?][] = [
  ["numbers that JavaScript has not", batchOfBody(`[${many(() => "1.0", room)}]`), 202],
  ["an object of many keys", batchOfBody(`{${many((i) => `"k${i}":0`, room)}}`), 202],
  ["a thousand bodies", batchOf((i) => `{"path":"/ok","body":{"${i}":[${many(String, 8_000)}]}}`), 202],
  ["a thousand times many fields", batchOf(() => `{"path":"/ok","headers":{${fields}}}`), 202],
  [
    "secrets to seal",
    batchOf(() => `{"path":"/ok","headers":{"Authorization":[${many(() => '"a"', 900)}]}}`),
    202,
  ],
  [
    "a bad one behind many good ones",
    batchOf((i) => `{"path":"${i < 999 ? "/ok" : "bad"}","headers":{${fields}}}`),
    400,
    { field: "requests[999].path", index: 999 },
  ],
  [
    "millions of values that are none",
    `{"requests":[{"path":"/ok","headers":{"a":[${many(() => "1", room)}]}}]}`,
    431,
    { field: "requests[0].headers", index: 0 },
  ],
  [
    "millions of requests that are none",
    `{"requests":[${many(() => "{}", room)}]}`,
    400,
    { field: "requests" },
  ],
  ["millions of members", `{${many((i) => `"k${i}":0`, room)}}`, 400, { field: "requests" }],
  ["no end", batchOfBody(`[${many(() => "1.0", room)}`), 400, {}],
  ["nesting", batchOfBody("[".repeat(room / 2) + "]".repeat(room / 2 - 100)), 400, {}],
];

describe("a batch holds the main thread for no long time", () => {
  for (const [name, text, status, problem] of BATCHES) {
    test(name, async () => {
      await longestTurnMs();
      let isOver = false;
      const answer = post(url, "/tasks/batch", text).finally(() => (isOver = true));
      let asked = 0;
      for (; !isOver; asked++) {
        assert.equal((await call(url, { path: "/healthz" })).status, 200);
      }
      const said = await answer;
      assert.equal(said.status, status, said.text.slice(0, 1_000));
      if (problem !== undefined) {
        const { field, index } = said.json<Problem>();
        assert.deepEqual({ field, index }, { field: undefined, index: undefined, ...problem });
      }
      const longest = await longestTurnMs();
      assert.ok(longest < LONGEST_TURN_MS, `held for ${longest} ms; /healthz answered ${asked} times`);
      await call(url, {
        method: "POST",
        path: "/tasks/cancel",
        headers: ["Content-Type", "application/json"],
        body: '{"all":true}',
      });
    });
  }
});

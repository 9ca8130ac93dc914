import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HeadgateError } from "../../src/lib/error.ts";
import type { Caller } from "../../src/task/caller.ts";
import { clientFor, gateFor, type GateSettings } from "./gate.ts";

const POST = "POST /x HTTP/1.1\r\nHost: gate:8080\r\n";

describe("a request is refused when", () => {
  const full = new HeadgateError("storage_full", "The disk is full.");
  const cases: readonly [string, GateSettings, string, number, string][] = [
    ["the lane is full", { lane: { maxQueueSize: 0 } }, "", 503, "queue_full"],
    [
      "the node is stopping",
      { intake: { accepting: () => new HeadgateError("shutting_down", "Stopping.") } },
      "",
      503,
      "shutting_down",
    ],
    ["the disk is full", { intake: { accepting: () => full } }, "", 507, "storage_full"],
    ["the store has no room", { keeper: { enqueue: () => Promise.reject(full) } }, "", 507, "storage_full"],
    [
      "the store counts a full lane",
      { keeper: { enqueue: () => Promise.resolve(null) } },
      "",
      503,
      "queue_full",
    ],
    ["no route matches it", { intake: { laneFor: () => null } }, "", 404, "no_route"],
    ["it went in a circle", {}, "Via: 1.1 other, 1.1 GATE-1 (Headgate)\r\n", 508, "loop_detected"],
    ["it asks for nonsense", {}, "Headgate-Priority: high\r\n", 400, "invalid_request"],
    ["it would wait for ages", {}, "Headgate-Not-Before: 9999-12-31T23:59:59Z\r\n", 400, "invalid_request"],
    ["we fail", { keeper: { enqueue: () => Promise.reject(new Error("secret path")) } }, "", 500, "internal"],
  ];
  for (const [name, settings, fields, status, code] of cases) {
    test(name, async (t) => {
      const gate = await gateFor(t, settings);
      const client = await clientFor(t, gate);
      await client.send(`${POST}${fields}Content-Length: 5\r\n\r\nhello`);
      const answer = await client.answer();
      assert.equal(answer.status, status);
      assert.equal(JSON.parse(answer.body).code, code);
      assert.equal(answer.headers.get("retry-after"), code === "queue_full" ? "7" : undefined);
      assert.ok(!answer.body.includes("secret"));
      assert.equal(gate.unexpected.length, status === 500 ? 1 : 0);
      assert.equal(gate.admission.pending("default"), 0, "the place is free again");
      // After an error that nobody foresaw, the task may be stored.
      assert.equal(gate.discarded.length, settings.keeper === undefined || code === "internal" ? 0 : 1);
      assert.deepEqual(gate.events, [
        {
          name: "task.refused",
          payload: { lane: status === 404 ? "-" : "default", method: "POST", path: "/x", code },
        },
      ]);
      assert.deepEqual([gate.tasks, gate.woken], [[], []]);

      // A small body is read past, so the connection goes on.
      await client.send("GET /stats HTTP/1.1\r\nHost: a\r\n\r\n");
      assert.equal((await client.answer()).body, "control");
    });
  }
});

test("whose key may not do this, or has used what it may, is told of with the key", async (t) => {
  const submitter: Caller = { name: "shop", role: "submit", client: "shop" };
  const overQuota = (): never => {
    throw new HeadgateError("quota_exceeded", "That is all for now.");
  };
  const cases: readonly [NonNullable<GateSettings["intake"]>, string, string][] = [
    [{ submitterOf: () => ({ ...submitter, role: "read" }) }, "", "forbidden"],
    [{ submitterOf: () => submitter }, "Headgate-Client: another\r\n", "forbidden"],
    [{ submitterOf: () => submitter, charge: overQuota }, "", "quota_exceeded"],
  ];
  for (const [intake, fields, code] of cases) {
    const gate = await gateFor(t, { intake });
    const client = await clientFor(t, gate);
    await client.send(`${POST}${fields}\r\n`);
    assert.equal(JSON.parse((await client.answer()).body).code, code);
    const denied = gate.events.filter(({ name }) => name === "access.denied");
    assert.deepEqual(
      denied.map(({ payload }) => payload),
      [{ code, key: "shop", method: "POST", path: "/x" }],
    );
  }
});

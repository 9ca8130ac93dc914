import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { IntakeSettings } from "../../src/intake/intake.ts";
import type { NewTask } from "../../src/task/task.ts";
import { newLane } from "../rig/lane.ts";
import { exchange } from "../rig/raw-client.ts";
import { clientFor, gateFor } from "./gate.ts";

const GET = "GET /x HTTP/1.1\r\nHost: gate:8080\r\n";
const POST = "POST /x HTTP/1.1\r\nHost: gate:8080\r\n";

function bytesOf(task: NewTask | undefined): Uint8Array {
  assert.ok(task);
  const { body } = task.request;
  assert.equal(body.kind, "inline");
  return body.kind === "inline" ? body.bytes : new Uint8Array();
}

function textOf(task: NewTask | undefined): string {
  return Buffer.from(bytesOf(task)).toString();
}

describe("an accepted request", () => {
  test("is answered as the contract says", async (t) => {
    const gate = await gateFor(t);
    const { status, headers, body } = await exchange(gate.port, `${POST}Content-Length: 2\r\n\r\nhi`);
    const id = gate.tasks[0]?.id;
    assert.equal(status, 202);
    assert.equal(headers.get("location"), `/task/${id}`);
    assert.equal(headers.get("operation-location"), `http://gate:8080/task/${id}`);
    assert.equal(headers.get("retry-after"), "3");
    assert.equal(headers.get("headgate-task-id"), id);
    assert.equal(headers.get("content-type"), "application/json; charset=utf-8");
    assert.deepEqual(JSON.parse(body), {
      success: true,
      task_id: id,
      status: "pending",
      message: "Task created",
      data: {
        task_id: id,
        status_url: `/task/${id}`,
        result_url: `/task/${id}/result`,
        events_url: `/task/${id}/events`,
        cancel_url: `/task/${id}/cancel`,
        position: 1,
        eta_seconds: 3,
      },
    });
  });

  test("links below the control prefix, speaks Chinese when asked, and says null for what it does not know", async (t) => {
    const gate = await gateFor(t, {
      intake: { controlPrefix: "/_headgate", etaSeconds: () => null },
    });
    const answer = await exchange(gate.port, `${GET}Accept-Language: en;q=0.5, zh-CN\r\n\r\n`);
    const id = gate.tasks[0]?.id;
    assert.equal(answer.headers.get("location"), `/_headgate/task/${id}`);
    const receipt = JSON.parse(answer.body);
    assert.equal(receipt.message, "任务已创建");
    assert.equal(receipt.data.cancel_url, `/_headgate/task/${id}/cancel`);
    assert.equal(receipt.data.eta_seconds, null);
  });

  test("asks to come back within 30 seconds, however long it will take", async (t) => {
    const gate = await gateFor(t, { intake: { etaSeconds: () => 4_000 } });
    assert.equal((await exchange(gate.port, `${GET}\r\n`)).headers.get("retry-after"), "30");
  });

  test("without a Host has a relative monitor", async (t) => {
    const gate = await gateFor(t);
    const answer = await exchange(gate.port, "GET /x HTTP/1.0\r\n\r\n");
    assert.equal(answer.headers.get("operation-location"), `/task/${gate.tasks[0]?.id}`);
  });

  test("is stored byte for byte: target, fields in order, case and number, and body", async (t) => {
    const gate = await gateFor(t);
    const fields = ["X-b", "1", "x-A", "2", "X-B", "3", "__proto__", "p", "Accept", "caf\xe9"];
    const lines = fields.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join("");
    const head = `PATCH /a%zz/../b?q=%00&{} HTTP/1.1\r\nHost: gate:8080\r\n${lines}Content-Length: 4\r\n\r\n`;
    await exchange(gate.port, Buffer.from(`${head}\0\xff\r\n`, "latin1"));
    const task = gate.tasks[0];
    assert.equal(task?.request.method, "PATCH");
    assert.equal(task?.request.path, "/a%zz/../b?q=%00&{}");
    const stored = task?.request.headers ?? [];
    assert.deepEqual(stored.slice(0, 14), ["Host", "gate:8080", ...fields, "Content-Length", "4"]);
    assert.deepEqual([...bytesOf(task)], [0, 0xff, 13, 10]);
    assert.equal(({} as { p?: string }).p, undefined);
  });

  test("carries exactly its own bytes, not the buffer they came in", async (t) => {
    const gate = await gateFor(t);
    await exchange(gate.port, `${POST}Content-Length: 5\r\n\r\nhello`);
    assert.equal(bytesOf(gate.tasks[0]).buffer.byteLength, 5);
  });

  test("may come in chunks, whose trailers are dropped", async (t) => {
    const gate = await gateFor(t);
    const chunks = "3\r\nhel\r\n2;ext=1\r\nlo\r\n0\r\nX-Trailer: evil\r\n\r\n";
    await exchange(gate.port, `${POST}Transfer-Encoding: chunked\r\n\r\n${chunks}`);
    assert.equal(textOf(gate.tasks[0]), "hello");
    assert.ok(!gate.tasks[0]?.request.headers.includes("X-Trailer"));
  });

  test("wakes its lane and is told of", async (t) => {
    const gate = await gateFor(t);
    await exchange(gate.port, `${POST}Headgate-Priority: 9\r\nContent-Length: 5\r\n\r\nhello`);
    assert.deepEqual(gate.woken, ["default"]);
    const payload = {
      lane: "default",
      client: "127.0.0.1",
      method: "POST",
      path: "/x",
      sizeBytes: 5,
      priority: 9,
      notBefore: null,
      retryOf: null,
    };
    assert.deepEqual(gate.events, [
      { name: "task.accepted", payload: { id: gate.tasks[0]?.id, ...payload } },
    ]);
  });

  test("is counted as the store counts it", async (t) => {
    const gate = await gateFor(t, { keeper: { enqueue: async () => ({ position: 3, pending: 41 }) } });
    await exchange(gate.port, `${GET}\r\n`);
    assert.equal(gate.admission.pending("default"), 41);
  });

  test("is idempotent by its method or its Idempotency-Key", async (t) => {
    const gate = await gateFor(t);
    for (const head of [GET, POST, `${POST}Idempotency-Key: "k"\r\n`, `LOCK ${POST.slice(5)}`]) {
      await exchange(gate.port, `${head}\r\n`);
    }
    assert.deepEqual(
      gate.tasks.map(({ idempotent }) => idempotent),
      [true, false, true, false],
    );
  });

  test("is idempotent, urgent and to be started as its lane says, and has its client's share", async (t) => {
    const lane = { idempotent: true, priority: 7, startWithinMs: 60_000 };
    const weightOf = (client: string): number => (client === "big" ? 5 : 1);
    const gate = await gateFor(t, { lane, intake: { weightOf } });
    await exchange(gate.port, `${POST}Headgate-Client: big\r\n\r\n`);
    const task = gate.tasks[0] as NewTask;
    assert.deepEqual([task.idempotent, task.priority, task.weight], [true, 7, 5]);
    assert.equal((task.startBefore ?? 0) - task.createdAt, 60_000);
  });

  test("goes to the lane that its method, target and host choose", async (t) => {
    const asked: unknown[] = [];
    const laneFor: IntakeSettings["laneFor"] = (...request) => {
      asked.push(request);
      return newLane({ name: "other" });
    };
    const gate = await gateFor(t, { intake: { laneFor } });
    await exchange(gate.port, "PUT /a%2Fb?c HTTP/1.1\r\nHost: Gate:8080\r\n\r\n");
    assert.deepEqual(asked, [["PUT", "/a%2Fb?c", "Gate:8080"]]);
    assert.deepEqual([gate.tasks[0]?.lane, gate.woken], ["other", ["other"]]);
  });

  test("waits for its time, and is given up counting from then", async (t) => {
    const gate = await gateFor(t);
    const asked = "Headgate-Delay: 20s\r\nHeadgate-Start-Within: 1m\r\nHeadgate-Client: me\r\n";
    const { headers } = await exchange(gate.port, `${GET}${asked}\r\n`);
    const task = gate.tasks[0] as NewTask;
    assert.equal((task.notBefore ?? 0) - task.createdAt, 20_000);
    assert.equal((task.startBefore ?? 0) - task.createdAt, 80_000);
    assert.equal(task.client, "me");
    assert.equal(headers.get("retry-after"), "20");
  });

  test("is answered only when it is stored", async (t) => {
    const asked = Promise.withResolvers<void>();
    const stored = Promise.withResolvers<{ position: number; pending: number }>();
    const gate = await gateFor(t, {
      keeper: {
        enqueue: () => {
          asked.resolve();
          return stored.promise;
        },
      },
    });
    const client = await clientFor(t, gate);
    let answered = false;
    await client.send(`${GET}\r\n`);
    const answer = client.answer().finally(() => (answered = true));
    await asked.promise;
    // A whole exchange on another connection gives an early answer every chance to arrive.
    await exchange(gate.port, "GET /stats HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert.equal(answered, false);
    stored.resolve({ position: 1, pending: 1 });
    assert.equal((await answer).status, 202);
  });
});

test("pipelined requests are stored and answered in order", async (t) => {
  const gate = await gateFor(t);
  const client = await clientFor(t, gate);
  const nth = (n: number): string => `POST /${n} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n${n}`;
  await client.send([1, 2, 3, 4].map(nth).join(""));
  const answered: unknown[] = [];
  for (let i = 0; i < 4; i++) answered.push((await client.answer()).headers.get("headgate-task-id"));
  assert.deepEqual(
    gate.tasks.map(({ request }) => request.path),
    ["/1", "/2", "/3", "/4"],
  );
  assert.deepEqual(
    answered,
    gate.tasks.map(({ id }) => id),
  );
});

describe("100 Continue", () => {
  const expecting = `${POST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`;

  test("is said when there is a place, and the body is taken", async (t) => {
    const gate = await gateFor(t);
    const client = await clientFor(t, gate);
    await client.send(expecting);
    assert.equal((await client.answer()).status, 100);
    await client.send("hello");
    assert.equal((await client.answer()).status, 202);
    assert.equal(textOf(gate.tasks[0]), "hello");
  });

  test("is not said when there is none", async (t) => {
    const gate = await gateFor(t, { lane: { maxQueueSize: 0 } });
    const client = await clientFor(t, gate);
    await client.send(expecting);
    assert.equal((await client.answer()).status, 503);
  });
});

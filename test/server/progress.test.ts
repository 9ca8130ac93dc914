import assert from "node:assert/strict";
import { test } from "node:test";
import { createEmitter } from "../../src/lib/emitter.ts";
import { createProgressLine, type ProgressLineSettings } from "../../src/server/progress.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import type { Progress } from "../../src/task/task.ts";
import { WAITING } from "../api/waiting-task.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { claimed } from "../task/claimed.ts";

const KEY = Buffer.alloc(32, 3);

function stage(settings: Partial<ProgressLineSettings> = {}) {
  const told: TaskEvents["task.progress"][] = [];
  const written: [string, number, Progress][] = [];
  const events = createEmitter<TaskEvents>((error) => {
    throw error;
  });
  events.on("task.progress", (event) => void told.push(event));
  const line = createProgressLine({
    config: { publicUrl: null, controlPrefix: "" },
    deriveKey: () => KEY,
    store: {
      find: async (id) => (id === "elsewhere" ? { task: WAITING, position: null } : null),
      progress: {
        async write(...report) {
          written.push(report);
          return true;
        },
      },
    },
    running: () => [],
    events,
    clock: createManualClock(),
    onError(thrown) {
      throw thrown;
    },
    addressOf: () => ({ address: "10.0.0.7", family: "IPv4", port: 8080 }),
    ...settings,
  });
  return { line, told, written };
}

function urlOf(settings: Partial<ProgressLineSettings>): string | undefined {
  return stage(settings).line.fields("t1", 1)[1];
}

test("a target is told where this node listens, or what its users say", () => {
  const listening = (address: string, family: string) => ({
    addressOf: () => ({ address, family, port: 8080 }),
  });
  assert.equal(urlOf({}), "http://10.0.0.7:8080/task/t1/progress");
  assert.equal(urlOf(listening("0.0.0.0", "IPv4")), "http://127.0.0.1:8080/task/t1/progress");
  assert.equal(urlOf(listening("::", "IPv6")), "http://[::1]:8080/task/t1/progress");
  assert.equal(urlOf(listening("fd00::7", "IPv6")), "http://[fd00::7]:8080/task/t1/progress");
  assert.equal(
    urlOf({ config: { publicUrl: new URL("https://queue.example/base"), controlPrefix: "/_headgate" } }),
    "https://queue.example/base/_headgate/task/t1/progress",
  );
});

test("each attempt has a token of its own, and the fields stand in their order", () => {
  const { line } = stage();
  const [urlName, , tokenName, token = ""] = line.fields("t1", 2);
  assert.deepEqual([urlName, tokenName], ["Headgate-Progress-Url", "Headgate-Progress-Token"]);
  assert.equal(line.api.attemptOf(token, "t1"), 2);
  assert.notEqual(line.fields("t1", 3)[3], token);
});

test("a report is told of with the lane and client of its task, wherever it runs", async () => {
  const task = claimed();
  const { line, told, written } = stage({ running: () => [{ task, abort: new AbortController() }] });
  const said = { percent: 5, message: null };
  assert.equal(await line.api.report(task.lease.taskId, 1, said), "kept");
  assert.equal(await line.api.report("elsewhere", 1, said), "kept");
  // It was deleted in this very moment.
  assert.equal(await line.api.report("gone", 1, said), "kept");
  assert.deepEqual(
    told.map(({ id, lane, client }) => [id, lane, client]),
    [
      [task.lease.taskId, task.lane, task.client],
      ["elsewhere", WAITING.lane, WAITING.client],
    ],
  );
  assert.equal(written.length, 3);
});

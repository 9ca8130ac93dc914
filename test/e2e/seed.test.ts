// The founding document's API guide, line by line and with curl as it stands there, in front of services that know
// nothing of Headgate.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, describe, test } from "node:test";
import { promisify } from "node:util";
import { isId } from "../../src/lib/id.ts";
import { type StatsView, type TaskView, outcome, run, submit } from "../rig/client.ts";
import { type Gateway, startGateway } from "../rig/gateway.ts";
import { missing, startFastApi, startFileServer, startNginx } from "../rig/service.ts";

const owner = { after };
const runFile = promisify(execFile);

/** The guide's `http://localhost:8080`, wherever the gateway is now. */
async function curl(gateway: Gateway, path: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await runFile("curl", [
    "--silent",
    "--show-error",
    ...args,
    new URL(path, gateway.url).href,
  ]);
  return stdout;
}

async function curlJson<T>(gateway: Gateway, path: string, ...args: readonly string[]): Promise<T> {
  return JSON.parse(await curl(gateway, path, ...args)) as T;
}

interface Receipt {
  readonly success: boolean;
  readonly task_id: string;
  readonly status: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface List {
  readonly tasks: readonly TaskView[];
  readonly next_cursor: string | null;
}

const APP = `
import asyncio
from fastapi import FastAPI, HTTPException
app = FastAPI()

@app.post("/api/function1")
async def function1(parameters: dict):
    return {"doubled": parameters["param3"] * 2, "said": parameters["param1"]}

released = asyncio.Event()

@app.get("/slow")
async def slow():
    await released.wait()
    return {"slow": True}

@app.get("/release")
async def release():
    released.set()

@app.get("/broken")
async def broken():
    raise HTTPException(status_code=500, detail="broken on purpose")
`;

const PARAMETERS = `{
    "param1": "value1",
    "param2": "value2",
    "param3": 100
  }`;

describe("the guide, in front of FastAPI", { skip: missing("fastapi") }, async () => {
  const service = await startFastApi(owner, APP);
  const gateway = await startGateway(owner, { target: service.url });
  const post = ["-X", "POST", "-H", "Content-Type: application/json", "-d", PARAMETERS];

  test("1. 提交任务: submitting a task", async () => {
    const receipt = await curlJson<Receipt>(gateway, "/api/function1", ...post);
    assert.equal(receipt.success, true);
    assert.ok(isId(receipt.task_id));
    assert.equal(receipt.status, "pending");
    assert.equal(receipt.message, "Task created");
    assert.equal(receipt.data["task_id"], receipt.task_id);
    assert.equal(receipt.data["status_url"], `/task/${receipt.task_id}`);

    const chinese = await curlJson<Receipt>(
      gateway,
      "/api/function1",
      ...post,
      "-H",
      "Accept-Language: zh-CN",
    );
    assert.equal(chinese.message, "任务已创建");
    for (const { task_id: id } of [receipt, chinese]) await outcome(gateway.url, id);
  });

  test("2. 查询任务状态: asking for its state", async () => {
    const { task_id: id } = await curlJson<Receipt>(gateway, "/api/function1", ...post);
    const task = await outcome(gateway.url, id);
    assert.deepEqual(await curlJson<TaskView>(gateway, `/task/${id}`), task);
    assert.equal(task.success, true);
    assert.equal(task.status, "completed");
    assert.deepEqual(task.result, { doubled: 200, said: "value1" });
    assert.equal(task.error, null);
    assert.equal(task.is_long_task, false);
  });

  test("a task that fails: success is false, the error and the answer are there", async () => {
    const task = await run(gateway.url, { method: "GET", path: "/broken" });
    assert.equal(task.success, false);
    assert.equal(task.status, "failed");
    assert.equal(task.error?.code, "target_error");
    assert.deepEqual(task.result, { detail: "broken on purpose" });
    assert.equal(task.response?.status, 500);
  });

  test("the states in between can be seen", async () => {
    const id = await submit(gateway.url, { method: "GET", path: "/slow" });
    const seen = new Set<string>();
    for (let state = ""; state !== "completed";) {
      ({ status: state } = await curlJson<TaskView>(gateway, `/task/${id}`));
      seen.add(state);
      if (state === "processing") await fetch(new URL("/release", service.url));
    }
    assert.ok(seen.isSubsetOf(new Set(["pending", "processing", "completed"])), [...seen].join());
    assert.ok(seen.has("processing"));
  });

  test("3. 查看服务统计: statistics", async () => {
    const { tasks } = await curlJson<StatsView>(gateway, "/stats");
    const { tasks: listed } = await curlJson<List>(gateway, "/tasks?limit=100");
    for (const [state, count] of Object.entries(tasks)) {
      assert.equal(count, listed.filter(({ status }) => status === state).length, state);
    }
  });

  test("4. 列出所有任务: listing tasks", async () => {
    const ids = [];
    for (let i = 0; i < 3; i++)
      ids.push(
        (
          await run(gateway.url, {
            path: "/api/function1",
            body: PARAMETERS,
            headers: ["Content-Type", "application/json"],
          })
        ).task_id,
      );
    const page = await curlJson<List>(gateway, "/tasks?status=completed&limit=50");
    assert.deepEqual(
      page.tasks.slice(0, 3).map(({ task_id }) => task_id),
      ids.toReversed(),
    );
    assert.ok(page.tasks.every(({ status }) => status === "completed"));
    const two = await curlJson<List>(gateway, "/tasks?status=completed&limit=2");
    assert.equal(two.tasks.length, 2);
    const next = await curlJson<List>(gateway, `/tasks?status=completed&limit=2&cursor=${two.next_cursor}`);
    assert.deepEqual(
      [...two.tasks, ...next.tasks].map(({ task_id }) => task_id),
      page.tasks.slice(0, 4).map(({ task_id }) => task_id),
    );
    const failed = await curlJson<List>(gateway, "/tasks?status=failed");
    assert.deepEqual(
      failed.tasks.map(({ path }) => path),
      ["/broken"],
    );
  });

  test("5. 清理旧任务: cleaning up", async () => {
    const clean = async (hours: number): Promise<unknown> => {
      const { success, deleted } = await curlJson<Record<string, unknown>>(
        gateway,
        `/tasks/cleanup?max_age_hours=${hours}`,
        "-X",
        "DELETE",
      );
      return { success, deleted };
    };
    const { tasks: before } = await curlJson<StatsView>(gateway, "/stats");
    assert.deepEqual(await clean(24), { success: true, deleted: 0 });
    assert.deepEqual(await clean(0), { success: true, deleted: before.completed + before.failed });
    const { tasks } = await curlJson<StatsView>(gateway, "/stats");
    assert.deepEqual(tasks, { pending: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 });
    assert.deepEqual(await curlJson<List>(gateway, "/tasks").then(({ tasks }) => tasks), []);
  });

  test("6. the service itself: GET /", async () => {
    const about = await curlJson<Record<string, unknown>>(gateway, "/");
    assert.match(JSON.stringify(about), /headgate/i);
  });
});

describe("in front of python3 -m http.server", { skip: missing("python") }, async () => {
  const image = Buffer.from(Uint8Array.from({ length: 3_000 }, (_, i) => i % 256));
  const service = await startFileServer(owner, { "hello.txt": "hello", "a b.bin": image });
  const gateway = await startGateway(owner, { target: service.url });

  test("text, bytes, a page that is not there, a method that it does not know", async () => {
    assert.equal((await run(gateway.url, { method: "GET", path: "/hello.txt" })).result, "hello");

    const binary = await run(gateway.url, { method: "GET", path: "/a%20b.bin" });
    assert.equal(binary.result_encoding, "base64");
    assert.deepEqual(Buffer.from(String(binary.result), "base64"), image);

    const absent = await run(gateway.url, { method: "GET", path: "/absent" });
    assert.deepEqual([absent.status, absent.response?.status], ["failed", 404]);
    const posted = await run(gateway.url, { method: "POST", path: "/hello.txt", body: "x" });
    assert.deepEqual([posted.status, posted.response?.status, posted.attempts.length], ["failed", 501, 1]);
  });
});

describe("in front of nginx", { skip: missing("nginx") }, async () => {
  const large = Buffer.alloc(20 * 1024 * 1024, "0123456789abcdef");
  const service = await startNginx(owner, { "large.bin": large, "page.html": "<h1>page</h1>" });
  const gateway = await startGateway(owner, { target: service.url });

  test("a large file, a part of it, a condition, a method that is not allowed", async () => {
    const { task_id: id } = await run(gateway.url, { method: "GET", path: "/large.bin" });
    const { stdout } = await runFile("curl", ["--silent", new URL(`/task/${id}/result`, gateway.url).href], {
      encoding: "buffer",
      maxBuffer: Infinity,
    });
    assert.ok(large.equals(stdout));

    const part = await run(gateway.url, {
      method: "GET",
      path: "/large.bin",
      headers: ["Range", "bytes=16-19"],
    });
    assert.equal(part.response?.status, 206);
    const teapot = await run(gateway.url, { method: "GET", path: "/teapot" });
    assert.deepEqual([teapot.status, teapot.response?.status], ["failed", 418]);
    const refused = await run(gateway.url, { method: "PUT", path: "/page.html", body: "no" });
    assert.deepEqual([refused.status, refused.response?.status], ["failed", 405]);
  });
});

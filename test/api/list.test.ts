import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY_BODY, type StoredRequest } from "../../src/task/task.ts";
import { type Control, openControl } from "./control.ts";

interface Page {
  readonly success: boolean;
  readonly count: number;
  readonly tasks: readonly {
    readonly task_id: string;
    readonly result: unknown;
    readonly response: object | null;
  }[];
  readonly next_cursor: string | null;
}

async function list({ app }: Control, query: string): Promise<Page> {
  const answer = await app.inject(`/tasks${query}`);
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json<Page>();
}

const request = (method: string, path: string): StoredRequest => ({
  method,
  path,
  headers: [],
  body: EMPTY_BODY,
});

test("pages lead through all tasks, newest first", async (t) => {
  const control = await openControl(t);
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.unshift(await control.submit());
  const seen: string[] = [];
  let query = "?limit=2";
  for (;;) {
    const { tasks, count, next_cursor: next } = await list(control, query);
    assert.equal(count, tasks.length);
    seen.push(...tasks.map(({ task_id: id }) => id));
    if (next === null) break;
    query = `?limit=2&cursor=${next}`;
  }
  assert.deepEqual(seen, ids);
});

test("fifty to a page unless asked otherwise", async (t) => {
  const asked: number[] = [];
  const control = await openControl(t, {
    list: async ({ limit }) => (asked.push(limit), { tasks: [], next: null }),
  });
  for (const query of ["", "?limit=1", "?limit=1000"]) await list(control, query);
  assert.deepEqual(asked, [50, 1, 1_000]);
});

test("each filter reaches the store", async (t) => {
  const control = await openControl(t);
  const wanted = await control.submit({
    request: request("PUT", "/a/b?c=d"),
    client: "somebody",
    labels: { team: "a=b" },
    createdAt: Date.UTC(2026, 1, 4, 3),
  });
  await control.answered({}, { request: request("POST", "/other") });
  for (const query of [
    "status=processing",
    "method=put",
    "path=/a/",
    "client=somebody",
    "label=team=a%3Db",
    `q=${wanted.slice(-12)}`,
    "q=/b",
    "until=2026-02-05",
    "since=2026-02-04T03:00:00Z&until=2026-02-04T11:00:00.001%2B08:00",
  ]) {
    const { tasks } = await list(control, `?${query}`);
    assert.deepEqual(
      tasks.map(({ task_id: id }) => id),
      [wanted],
      query,
    );
  }
  for (const query of [
    "route=other",
    "label=team=a",
    "since=2026-02-04T03:00:00Z&until=2026-02-04T03:00:00Z",
  ]) {
    assert.equal((await list(control, `?${query}`)).count, 0, query);
  }
  assert.equal((await list(control, "?route=default&status=completed")).count, 1);
});

test("a list names answers and does not show them", async (t) => {
  const control = await openControl(t);
  await control.answered({ status: 404, headers: ["Content-Type", "text/plain"], body: "no" });
  const [task] = (await list(control, "?status=failed")).tasks;
  assert.deepEqual([task?.result, task?.response], [null, { status: 404, size_bytes: 2 }]);
});

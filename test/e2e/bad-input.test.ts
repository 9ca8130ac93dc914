// What node:http lets through and a gateway must not, by raw bytes; and what an API must refuse by name. Nothing of it
// reaches the target, and nobody else notices.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { call, type ProblemView, run, stats } from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { connectRaw } from "../rig/raw-client.ts";
import { startTarget } from "../rig/target.ts";

const owner = { after };
const target = await startTarget();
owner.after(() => target.close());
const gateway = await startGateway(owner, { target: target.url });
const { url } = gateway;
const port = Number(url.port);

const H = "Host: h\r\n";
const BAD: readonly (readonly [string, string, number])[] = [
  ["two Host fields", `GET /x HTTP/1.1\r\n${H}Host: evil\r\n\r\n`, 400],
  ["no Host", "GET /x HTTP/1.1\r\n\r\n", 400],
  ["a Host that is none", "GET /x HTTP/1.1\r\nHost: a b/c\r\n\r\n", 400],
  [
    "HTTP/1.0 with Transfer-Encoding",
    `POST /x HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ["HTTP/2.0 in the request line", `GET /x HTTP/2.0\r\n${H}\r\n`, 505],
  ["HTTP/0.9", `GET /x HTTP/0.9\r\n${H}\r\n`, 505],
  [
    "Transfer-Encoding: gzip, chunked",
    `POST /x HTTP/1.1\r\n${H}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    501,
  ],
  ["Transfer-Encoding: identity", `POST /x HTTP/1.1\r\n${H}Transfer-Encoding: identity\r\n\r\n`, 501],
  [
    "Transfer-Encoding and Content-Length",
    `POST /x HTTP/1.1\r\n${H}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ["two Content-Lengths", `POST /x HTTP/1.1\r\n${H}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400],
  ["a Content-Length that is none", `POST /x HTTP/1.1\r\n${H}Content-Length: +1\r\n\r\na`, 400],
  ["an absolute target", `GET http://evil/x HTTP/1.1\r\n${H}\r\n`, 400],
  ["a target of two slashes", `GET //evil/x HTTP/1.1\r\n${H}\r\n`, 400],
  ["a target of slash and backslash", `GET /\\evil HTTP/1.1\r\n${H}\r\n`, 400],
  ["a target with a fragment", `GET /x#y HTTP/1.1\r\n${H}\r\n`, 400],
  ["OPTIONS *", `OPTIONS * HTTP/1.1\r\n${H}\r\n`, 400],
  ["CONNECT", `CONNECT evil:443 HTTP/1.1\r\n${H}\r\n`, 501],
  ["no HTTP", "\x16\x03\x01\x02\x00", 400],
  ["a space before the colon", `GET /x HTTP/1.1\r\n${H}X : y\r\n\r\n`, 400],
  ["a folded header", `GET /x HTTP/1.1\r\n${H}X: y\r\n z\r\n\r\n`, 400],
  ["a bare CR in a value", `GET /x HTTP/1.1\r\n${H}X: y\rz\r\n\r\n`, 400],
  ["NUL in a value", `GET /x HTTP/1.1\r\n${H}X: y\0z\r\n\r\n`, 400],
  ["a chunk size that is none", `POST /x HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
  ["more headers than fit", `GET /x HTTP/1.1\r\n${H}X: ${"y".repeat(40_000)}\r\n\r\n`, 431],
  ["too many header fields", `GET /x HTTP/1.1\r\n${H}${"X: y\r\n".repeat(300)}\r\n`, 431],
  [
    "an expectation that is unknown",
    `POST /x HTTP/1.1\r\n${H}Expect: 200-maybe\r\nContent-Length: 0\r\n\r\n`,
    417,
  ],
  ["a priority that is none", `GET /x HTTP/1.1\r\n${H}Headgate-Priority: high\r\n\r\n`, 400],
  ["a misspelt directive", `GET /x HTTP/1.1\r\n${H}Headgate-Priorty: 1\r\n\r\n`, 400],
];

describe("refused at the edge", () => {
  for (const [what, bytes, expected] of BAD) {
    test(`${what}: ${expected}`, async () => {
      const before = target.seen.length;
      const client = await connectRaw(port);
      client.send(Buffer.from(bytes, "latin1")).catch(() => {});
      const { status, headers, body } = await client.answer();
      client.socket.destroy();
      assert.equal(status, expected, body);
      assert.equal(headers.get("content-type"), "application/problem+json");
      const problem = JSON.parse(body) as ProblemView;
      assert.deepEqual([problem.status, problem.success], [expected, false]);
      assert.ok(problem.code && problem.message);
      assert.equal(target.seen.length, before);
    });
  }

  test("none of it was taken in, and the next request is served", async () => {
    const { totals } = await stats(url);
    assert.equal(totals["accepted"], 0);
    assert.equal((await run(url, { path: "/ok" })).status, "completed");
    assert.equal(target.seen.length, 1);
  });

  test("what follows a refused request on its connection is not read as another", async () => {
    const before = target.seen.length;
    const client = await connectRaw(port);
    const smuggled = `POST /smuggled HTTP/1.1\r\n${H}Content-Length: 0\r\n\r\n`;
    client
      .send(
        `POST /x HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled}`,
      )
      .catch(() => {});
    const text = await client.rest();
    assert.equal(text.match(/HTTP\/1\.1 /g)?.length, 1);
    assert.equal(target.seen.length, before);
  });
});

const ID = "01900000-0000-7000-8000-000000000000";
const WRONG: readonly (readonly [string, string, number, string | undefined, string?])[] = [
  ["GET", "/tasks?limit=abc", 400, "limit"],
  ["GET", "/tasks?limit=0", 400, "limit"],
  ["GET", "/tasks?limit=", 400, "limit"],
  ["GET", "/tasks?status=finished", 400, "status"],
  ["GET", "/tasks?cursor=%00bad", 400, "cursor"],
  ["GET", "/tasks?statsu=failed", 400, "statsu"],
  ["GET", "/tasks?since=yesterday", 400, "since"],
  ["GET", "/task/not-a-uuid", 400, "id"],
  ["GET", `/task/${ID}?wait=-1`, 400, "wait"],
  ["GET", `/task/${ID}?wait=abc`, 400, "wait"],
  ["GET", `/task/${ID}`, 404, undefined],
  ["GET", `/task/${ID}/result`, 404, undefined],
  ["DELETE", "/tasks/cleanup?max_age_hours=-1", 400, "max_age_hours"],
  ["DELETE", "/tasks/cleanup?max_age_hours=soon", 400, "max_age_hours"],
  ["PATCH", `/task/${ID}`, 400, "priority", '{"priority": 1.5}'],
  ["PATCH", `/task/${ID}`, 400, "color", '{"color": "red"}'],
  ["PATCH", `/task/${ID}`, 400, undefined, "{not json"],
  ["PUT", `/task/${ID}`, 405, undefined],
  ["POST", "/stats", 405, undefined],
  ["GET", "/task", 404, undefined],
  ["GET", `/task/${ID}/nothing`, 404, undefined],
  ["POST", "/tasks/nothing", 404, undefined],
];

describe("refused by the API, naming what is wrong", () => {
  for (const [method, path, expected, field, body] of WRONG) {
    test(`${method} ${path} ${body ?? ""}: ${expected}`, async () => {
      const before = target.seen.length;
      const json = body === undefined ? {} : { headers: ["Content-Type", "application/json"], body };
      const answer = await call(url, { method, path, ...json });
      assert.equal(answer.status, expected, answer.text);
      assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
      const problem = answer.json<ProblemView>();
      assert.deepEqual([problem.success, problem.status], [false, expected]);
      if (field !== undefined) assert.equal(problem.field, field);
      assert.equal(target.seen.length, before);
    });
  }
});

describe("a call that names the type of a body, and sends none", () => {
  for (const [call, expected] of [
    ["POST /tasks/batch", 400],
    ["POST /tasks/cancel", 400],
    ["PATCH /lanes/default", 400],
    ["PUT /task/ID/progress", 400],
    ["POST /task/ID/cancel", 404],
    ["DELETE /task/ID", 404],
    ["DELETE /tasks/cleanup", 200],
  ] as const) {
    test(`${call}: ${expected} at once`, async () => {
      const client = await connectRaw(port);
      await client.send(
        `${call.replace("ID", ID)} HTTP/1.1\r\n${H}Content-Type: application/json\r\n\r\n`.replace(
          "Host: h",
          `Host: ${url.host}`,
        ),
      );
      assert.equal((await client.answer()).status, expected);
      client.socket.destroy();
    });
  }
});

test("a field __proto__ is a field", async () => {
  const before = target.seen.length;
  const task = await run(url, { path: "/ok?__proto__=1", headers: ["__proto__", "x", "constructor", "y"] });
  assert.equal(task.status, "completed");
  assert.deepEqual(
    target.seen[before]?.headers.filter((_, i, all) =>
      ["__proto__", "constructor"].includes(all[i - (i % 2)]!),
    ),
    ["__proto__", "x", "constructor", "y"],
  );
});

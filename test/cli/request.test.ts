import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { headgate, shell } from "./running.ts";
import { json, receipt, startStandIn } from "./stand-in.ts";
import { taskWith } from "./task.ts";

const ID = taskWith().task_id;

describe("a request", () => {
  const accepted = receipt(ID);

  test("is sent as curl would, directives beside", async (t) => {
    const server = await startStandIn(t, { "PUT /api/x?y=1": accepted });
    const args =
      "submit -X put -H X-A:1 -H x-a:2 --priority 9 --delay 10m --label k=v --label l=w --no-cache --start-within 1h --max-attempts 2".split(
        " ",
      );
    const { code, stdout, stderr } = await headgate([...args, "-d", '{"a":1}', "/api/x?y=1"], {
      HEADGATE_URL: server.url,
      HEADGATE_KEY: "hg_secret",
    });
    assert.deepEqual([code, stdout, stderr], [0, `${ID}\n`, ""]);
    const [sent] = server.seen;
    assert.equal(sent?.body, '{"a":1}');
    const headers = sent.headers;
    assert.match(String(headers["headgate-idempotency-key"]), /^[\da-f]{32}$/);
    const expected = {
      "content-type": "application/json",
      "headgate-key": "hg_secret",
      "x-a": "1, 2",
      "headgate-priority": "9",
      "headgate-delay": "10m",
      "headgate-label": "k=v, l=w",
      "headgate-cache": "no-store",
      "headgate-start-within": "1h",
      "headgate-max-attempts": "2",
    };
    assert.deepEqual({ ...headers, ...expected }, headers);
  });

  test("takes a key and a callback as the server does", async (t) => {
    const server = await startStandIn(t, { "GET /x": accepted });
    const url = `https://example.com/${"h".repeat(2_000)}`;
    const args = ["submit", "/x", "--idempotency-key", '"a b, c"', "--callback", url, "--url", server.url];
    assert.deepEqual(await headgate(args), { code: 0, stdout: `${ID}\n`, stderr: "" });
    const { headers } = server.seen[0] ?? assert.fail();
    assert.deepEqual([headers["idempotency-key"], headers["headgate-callback"]], ['"a b, c"', url]);
  });

  test("is due at an instant, not at a duration or one without a zone", async (t) => {
    const server = await startStandIn(t, { "GET /x": accepted });
    for (const when of ["2h", "30", "2026-02-04", "2026-02-04T03:04:05", "2026-13-04T03:04:05Z"]) {
      const { code, stderr } = await headgate(["submit", "/x", "--not-before", when, "--url", server.url]);
      assert.equal(code, 2, when);
      assert.match(stderr, /ISO time/);
    }
    assert.equal(server.seen.length, 0);
    const when = "2026-02-04T03:04:05+08:00";
    assert.equal((await headgate(["submit", "/x", "--not-before", when, "--url", server.url])).code, 0);
    assert.equal(server.seen[0]?.headers["headgate-not-before"], when);
  });

  test("takes its body from a file", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "headgate-cli-"));
    t.after(() => rm(folder, { recursive: true }));
    const server = await startStandIn(t, { "POST /x": accepted });
    const types: string[] = [];
    for (const name of ["a.json", "a.bin"]) {
      await writeFile(join(folder, name), "\u0000bytes");
      const { code } = await headgate(["submit", "/x", "-d", `@${join(folder, name)}`, "--url", server.url]);
      assert.equal(code, 0);
      types.push(String(server.seen.at(-1)?.headers["content-type"]));
      assert.equal(server.seen.at(-1)?.body, "\u0000bytes");
    }
    assert.deepEqual(types, ["application/json", "application/octet-stream"]);
  });

  test("is a form of texts and files", async (t) => {
    const server = await startStandIn(t, { "POST /x": accepted });
    const folder = await mkdtemp(join(tmpdir(), "headgate-cli-"));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, "page.txt");
    await writeFile(file, "of the file");
    const args = ["submit", "/x", "-F", "n=1=2", "-F", `page=@${file}`, "--url", server.url];
    assert.equal((await headgate(args)).code, 0);
    const [{ headers, body } = assert.fail()] = server.seen;
    assert.match(String(headers["content-type"]), /^multipart\/form-data; boundary=/);
    assert.match(body, /name="n"\r\n\r\n1=2\r\n/);
    assert.match(body, /name="page"; filename="page\.txt"\r\n[^]*\r\n\r\nof the file\r\n/);
    for (const [more, said] of [
      [["-d", "x"], /one body/],
      [["-X", "GET"], /-F: a GET carries no body/],
      [["-F", "a=@/not/there"], /-F a=@\/not\/there: /],
      [["-F", "nothing"], /name=text or name=@file/],
    ] as const) {
      const { code, stderr } = await headgate([...args, ...more]);
      assert.equal(code, 2);
      assert.match(stderr, said);
    }
    assert.equal(server.seen.length, 1);
  });

  test("has parts from standard input and pipes, read once, and none from a folder", async (t) => {
    const server = await startStandIn(t, { "POST /x": accepted });
    const environment = { HEADGATE_URL: server.url };
    const fifo = '"$folder/fifo"';
    const line =
      `folder=$(mktemp -d); trap 'rm -r "$folder"' EXIT; mkfifo ${fifo}; printf piped >${fifo} & ` +
      `printf '{"in": 1}' | headgate submit /x -F a=@- -F b=@${fifo}`;
    const { code, stderr } = await shell(line, environment);
    assert.deepEqual([code, stderr], [0, ""]);
    const body = String(server.seen[0]?.body);
    assert.match(body, /name="a"; filename="-"\r\nContent-Type: application\/json\r\n\r\n\{"in": 1\}\r\n/);
    assert.match(
      body,
      /name="b"; filename="fifo"\r\nContent-Type: application\/octet-stream\r\n\r\npiped\r\n/,
    );
    for (const flags of [
      ["-F", `a=@${tmpdir()}`],
      ["-d", `@${tmpdir()}`],
    ]) {
      const refused = await headgate(["submit", "/x", ...flags], environment);
      assert.equal(refused.code, 2);
      assert.equal(refused.stderr.split("\n")[0], `headgate: ${flags.join(" ")}: is a directory`);
    }
    assert.equal(server.seen.length, 1);
  });

  test("of text that is no JSON is a form, as in curl, unless a header says otherwise", async (t) => {
    const server = await startStandIn(t, { "POST /x": accepted });
    await headgate(["submit", "/x", "-d", "a=1", "--url", server.url]);
    await headgate(["submit", "/x", "-d", "a=1", "-H", "content-type: text/plain", "--url", server.url]);
    assert.deepEqual(
      server.seen.map(({ headers }) => headers["content-type"]),
      ["application/x-www-form-urlencoded", "text/plain"],
    );
  });
});

test("the answer goes into a file, whole or not at all", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "headgate-cli-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "answer");
  await writeFile(file, "before");
  const ended = {
    status: "completed",
    reason: "completed",
    response: { status: 200, size_bytes: 10 },
  } as const;
  let isCut = true;
  const server = await startStandIn(t, {
    [`GET /task/${ID}`]: json(taskWith(ended)),
    [`GET /task/${ID}/result`]: (response) => {
      response.writeHead(200, { "Content-Length": "10" });
      response.write("01234");
      if (isCut) setImmediate(() => response.destroy());
      else response.end("\u0000\u001B[0m");
    },
  });
  const args = ["result", ID, "-o", file, "--url", server.url];
  assert.equal((await headgate(args)).code, 1);
  assert.equal(await readFile(file, "utf8"), "before");
  isCut = false;
  assert.equal((await headgate(args)).code, 0);
  assert.equal(await readFile(file, "utf8"), "01234\u0000\u001B[0m");
  assert.equal((await headgate(["result", ID, "--url", server.url])).stdout, "01234\u0000\u001B[0m");
});

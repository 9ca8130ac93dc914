import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { OPTIONS } from "../../src/config/options.ts";
import { VERSION } from "../../src/lib/version.ts";
import { headgate } from "./running.ts";

test("--help lists every option with its default, at the top and for each command", async () => {
  const helps = await Promise.all(
    [["--help"], ["serve", "--help"], ["check", "-h"]].map((args) => headgate(args)),
  );
  for (const { code, stdout, stderr } of helps) {
    assert.deepEqual([code, stderr], [0, ""]);
    const text = stdout.replaceAll(/\s+/g, " ");
    for (const { name, kind, text: what, default: initial } of OPTIONS) {
      const entry = `--${name} ${kind.metavar} ${what} (default: ${initial === null || initial === "" ? "" : `${initial})`}`;
      assert.ok(text.includes(entry), entry);
    }
  }
});

test("--version", async () => {
  assert.deepEqual(await headgate(["--version"]), { code: 0, stdout: `${VERSION}\n`, stderr: "" });
});

describe("a wrong command line ends with 2 and says what was meant", () => {
  const wrong: [readonly string[], RegExp][] = [
    [["--max-concurent", "3"], /unknown option '--max-concurent'\n\(Did you mean --max-concurrent\?\)/],
    [["serve", "--target-hots", "h"], /Did you mean --target-host\?/],
    [["check", "--target-host"], /option '--target-host <host>' argument missing/],
    [["serv", "--target-host", "h"], /unknown command 'serv'\n\(Did you mean serve\?\)/],
    [["check", "--target-host", "h", "extra"], /too many arguments/],
    [["--target-host", "h", "--store", "disk"], /--store disk: must be one of sqlite, memory/],
    [["serve"], /--target-host: is required/],
  ];
  for (const [args, message] of wrong) {
    test(args.join(" "), async () => {
      const { code, stdout, stderr } = await headgate(args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, message);
      assert.match(stderr, /headgate --help/);
    });
  }
});

test("without arguments it shows the help, or serves if the environment says what", async () => {
  const bare = await headgate([]);
  assert.deepEqual([bare.code, bare.stdout], [2, ""]);
  assert.match(bare.stderr, /^Usage: headgate \[options\] \[command\]/);
  const { code, stderr } = await headgate([], { HEADGATE_TARGET: "ftp://h" });
  assert.equal(code, 2);
  assert.match(stderr, /HEADGATE_TARGET=ftp:\/\/h: must/);
});

test("check says what is in force and where it comes from", async () => {
  const folder = mkdtempSync(join(tmpdir(), "headgate-check-"));
  try {
    const file = join(folder, "headgate.yaml");
    writeFileSync(file, "target: http://192.168.1.100:8000\nnum_workers: 3\ntask_timeout: 90\n");
    const args = ["check", "--config", file, "--max-concurrent", "50", "--preserve-host"];
    const { code, stdout, stderr } = await headgate(args, { HEADGATE_TRUSTED_PROXIES: "10.0.0.0/8,::1" });
    assert.deepEqual([code, stderr], [0, ""]);
    const rows = new Map(
      stdout
        .trim()
        .split("\n")
        .map((line) => [line.split(/\s+/)[0], line.split(/\s+/).slice(1)]),
    );
    assert.deepEqual(rows.get("sends")?.slice(0, 3), ["up", "to", "3"]);
    // With an empty line before it.
    assert.equal(rows.size, OPTIONS.length + 2);
    assert.deepEqual(rows.get("target"), ["http://192.168.1.100:8000", `${file}:1`]);
    assert.deepEqual(rows.get("num-workers"), ["3", `${file}:2`]);
    assert.deepEqual(rows.get("task-timeout"), ["90s", `${file}:3`]);
    assert.deepEqual(rows.get("max-concurrent"), ["50", "--max-concurrent"]);
    assert.deepEqual(rows.get("preserve-host"), ["true", "--preserve-host"]);
    assert.deepEqual(rows.get("trusted-proxies"), ["10.0.0.0/8,::1", "HEADGATE_TRUSTED_PROXIES"]);
    assert.deepEqual(rows.get("max-queue-size"), ["100", "default"]);
    assert.deepEqual(rows.get("log-format"), ["json", "default"]);
    assert.deepEqual(rows.get("target-host"), ["-", "default"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("check lists routes, targets and clients", async () => {
  const folder = mkdtempSync(join(tmpdir(), "headgate-check-"));
  try {
    const file = join(folder, "headgate.yaml");
    writeFileSync(
      file,
      `targets: {m: {urls: [http://a, {url: http://b, weight: 2, max_concurrent: 3}], balance: hash, hash_by: header:X-User, health: {path: /h}}}
routes:
  - {match: /v1/**, methods: [GET, PUT], hosts: a.example, target: m, max_concurrent: auto, rate: 50/s, start_within: 1h, cache: true}
  - {match: /x, target: http://x, retry: off}
clients: {gold: {weight: 4}, 10.0.0.1: {weight: 0.5}}
`,
    );
    const { code, stdout } = await headgate(["check", "--config", file]);
    assert.equal(code, 0);
    const rows = stdout.split("\n").map((line) => line.split(/ {2,}/));
    const after = (first: string): string[][] => rows.slice(rows.findIndex(([cell]) => cell === first));
    assert.deepEqual(
      after("route")
        .slice(1, 3)
        .map((cells) => cells.join(" ")),
      [
        "get-put-v1 /v1/** GET,PUT a.example m auto 50/s 100 10m 1h 3 0s yes 4 7d",
        "x /x - - x 5 - 100 10m - 1 0s - 4 7d",
      ],
    );
    assert.deepEqual(
      after("targets")
        .slice(1, 4)
        .map((cells) => cells.join(" ")),
      [
        "m http://a 1 - hash by header:x-user /h every 10s after 5 for 5s 10%",
        "m http://b 2 3 hash by header:x-user /h every 10s after 5 for 5s 10%",
        "x http://x 1 - round_robin - after 5 for 5s 10%",
      ],
    );
    assert.deepEqual(after("client").slice(1, 3), [
      ["gold", "4"],
      ["10.0.0.1", "0.5"],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("check lists keys, webhooks and alerts without their secrets", async () => {
  const folder = mkdtempSync(join(tmpdir(), "headgate-check-"));
  try {
    const file = join(folder, "headgate.yaml");
    writeFileSync(
      file,
      `target: http://a
keys: {ci: {key: hg_a-long-text-that-is-secret, role: operate, quota: {rate: 5/s}}}
webhooks:
  allow: [10.1.0.0/16]
  endpoints:
    chat: {url: "https://hooks.example.com/s3cret", on: [failed], format: slack}
    near: {url: "http://10.1.2.3:9000/x", on: []}
alerts: [{name: slow, when: {queue_older: 10m}, notify: [chat]}]
`,
    );
    const { code, stdout, stderr } = await headgate(["check", "--config", file]);
    assert.deepEqual([code, stderr], [0, ""]);
    const rows = new Set(stdout.split("\n").map((line) => line.split(/ {2,}/).join(" ")));
    for (const row of [
      "ci operate ci 5/s -",
      "chat https://hooks.example.com failed all slack no",
      "near http://10.1.2.3:9000 alerts only all standard no",
      "Headgate-Callback refused: there is no `webhooks.secret`",
      "slow queue_older than 10m all chat 1h",
    ]) {
      assert.ok(rows.has(row), `${row} in\n${stdout}`);
    }
    assert.doesNotMatch(stdout, /s3cret|secret-|that-is-secret/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("check ends with 2 and every problem, each where it was written", async () => {
  const { code, stdout, stderr } = await headgate(
    ["check", "--target", "ftp://h", "--trusted-proxies", "a", "--trusted-proxies", "b"],
    {
      HEADGATE_LOCALE: "fr",
    },
  );
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^headgate: 3 problems in the configuration:\n {2}HEADGATE_LOCALE=fr: /);
  assert.match(stderr, /\n {2}--target ftp:\/\/h: must begin with http/);
  assert.match(stderr, /\n {2}--trusted-proxies b: must be a list/);
  assert.match(
    stderr,
    /\n\(docs\/configuration\.md explains every option and field; headgate --help .*\)\n$/,
  );
});

// Who is told and who may call: the sections `keys`, `secrets`, `webhooks` and `alerts`.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { load, problemsOf } from "./loading.ts";

const KEY = "hg_0123456789abcdefghij";
const SECRET = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;

test("every field reaches its place", () => {
  const file = `target: http://127.0.0.1:8000
routes: [{match: /a, name: a}]
keys:
  web: {key: ${KEY}, role: read, client: front, quota: {rate: 10/m, max_open: 5}}
  ci: {sha256: ${"AB".repeat(32)}}
secrets: {headers: X-Api-Key}
webhooks:
  secret: ${SECRET}
  allow: [10.0.0.0/8, "::1"]
  timeout: 5s
  give_up_after: 3d
  retention: 1d
  endpoints:
    ops: {url: "https://x.example/h?t=1", on: failed, routes: a}
    chat: {url: "http://y.example/", secret: SEC0123456789, on: [], format: dingtalk}
alerts:
  - {name: r, when: {failure_rate: {above: 20%, window: 1m, at_least: 3}}, routes: [a], notify: [ops, chat], repeat: 5m}
  - {name: o, when: {queue_older: 10m}, notify: chat}
  - {name: f, when: {queue_fuller: 0.8}, notify: chat}
  - {name: t, when: {target_down: true}, notify: chat}
  - {name: e, when: {task_failed: true}, notify: chat}
`;
  const { keys, secretHeaders, webhooks, alerts } = load({ file }).config;
  const rate = { count: 10, perMs: 60_000, burst: 1 };
  const none = { rate: null, maxOpen: null };
  assert.deepEqual(keys, [
    {
      name: "web",
      sha256: createHash("sha256").update(KEY).digest("hex"),
      role: "read",
      client: "front",
      quota: { rate, maxOpen: 5 },
      createdAt: null,
    },
    { name: "ci", sha256: "ab".repeat(32), role: "submit", client: "ci", quota: none, createdAt: null },
  ]);
  assert.deepEqual(secretHeaders, ["x-api-key"]);
  const { endpoints, ...rest } = webhooks;
  assert.deepEqual(rest, {
    secret: SECRET,
    allow: ["10.0.0.0/8", "::1"],
    timeoutMs: 5_000,
    giveUpAfterMs: 259_200_000,
    retentionMs: 86_400_000,
  });
  assert.deepEqual(
    endpoints.map(({ url, ...endpoint }) => [url.href, endpoint]),
    [
      [
        "https://x.example/h?t=1",
        { name: "ops", secret: null, on: ["failed"], routes: ["a"], format: "standard" },
      ],
      [
        "http://y.example/",
        { name: "chat", secret: "SEC0123456789", on: [], routes: [], format: "dingtalk" },
      ],
    ],
  );
  assert.deepEqual(alerts[0], {
    name: "r",
    when: { kind: "failure_rate", above: 0.2, windowMs: 60_000, atLeast: 3 },
    routes: ["a"],
    notify: ["ops", "chat"],
    repeatMs: 300_000,
  });
  assert.deepEqual(
    alerts.slice(1).map(({ when }) => when),
    [
      { kind: "queue_older", thanMs: 600_000 },
      { kind: "queue_fuller", than: 0.8 },
      { kind: "target_down" },
      { kind: "task_failed" },
    ],
  );
});

test("without them nobody is told and nobody is asked", () => {
  const { keys, secretHeaders, webhooks, alerts } = load({ flags: { "target-host": "h" } }).config;
  assert.deepEqual(
    [keys, secretHeaders, alerts, webhooks.endpoints, webhooks.secret],
    [[], [], [], [], null],
  );
});

test("what is wrong is told where it stands, and no secret is repeated", () => {
  const file = `target: http://127.0.0.1:8000
keys:
  a: {key: ${KEY}}
  b: {key: ${KEY}, role: submitt}
  c: {key: s3cret}
  d: {sha256: zz}
  e: {role: admin, client: "a b"}
secrets: {headers: ["bad name", Host]}
webhooks:
  secret: s3cret
  endpoints:
    ops: {url: "https://u:s3cret@x/y", on: [x], format: slak}
    std: {url: "https://x/y", secret: s3cret-but-long}
alerts:
  - {name: x, when: {queue_older: 10m, target_down: true}, notify: [opps]}
  - {name: y, when: {}, notify: [ops], routes: [nowhere]}
  - {name: x, when: {task_failed: true}, notify: [std]}
`;
  const problems = problemsOf({ file }).map((problem) => problem.replace(/^headgate\.yaml:/, ""));
  const signing = "whsec_ and 24 to 64 bytes in Base64, as `openssl rand -base64 32` makes them";
  assert.deepEqual(problems, [
    '4: keys.b.role: "submitt": must be one of submit, read, operate, admin; did you mean submit?',
    '5: keys.c.key: "…": must be 20 to 256 visible characters',
    '6: keys.d.sha256: "zz": must be 64 hexadecimal digits, as `printf %s "$KEY" | sha256sum` makes them',
    '7: keys.e.client: "a b": must be 1 to 128 printable characters without spaces',
    '8: secrets.headers[0]: "bad name": must be the name of a header field other than Host',
    '8: secrets.headers[1]: "Host": must be the name of a header field other than Host',
    `10: webhooks.secret: "…": must be ${signing}`,
    '12: webhooks.endpoints.ops.url: "https://***@x/y": must be an http:// or https:// URL without user name, password and fragment',
    '12: webhooks.endpoints.ops.on[0]: "x": must be one of completed, failed, cancelled',
    '12: webhooks.endpoints.ops.format: "slak": must be one of standard, slack, dingtalk, feishu, wecom; did you mean slack?',
    '16: alerts[1].routes[0]: "nowhere": is not among the routes (default)',
    '15: alerts[0].notify[0]: "opps": is not among the endpoints of `webhooks` (ops, std); did you mean ops?',
    '7: keys.e: {"role":"admin","client":"a b"}: must say `sha256` or `key`, one of them',
    '4: keys.b: {"key":"…","role":"submitt"}: is the same key as keys.a',
    '17: alerts[2].name: "x": is also the name of alerts[0]',
    `13: webhooks.endpoints.std.secret: "…": must be ${signing}`,
    '15: alerts[0].when: {"queue_older":"10m","target_down":true}: must say one of task_failed, failure_rate, queue_older, queue_fuller, target_down; make a rule of each',
    "16: alerts[1].when: {}: must say one of task_failed, failure_rate, queue_older, queue_fuller, target_down",
  ]);
  assert.doesNotMatch(problems.join(), /s3cret/);
});

test("a receiver that may not be called is a mistake, and what is allowed is none", () => {
  const file = (allow: string): string => `target: http://127.0.0.1:8000
webhooks:
  allow: [${allow}]
  endpoints:
    near: {url: "http://127.0.0.1:9000/h?token=t0k3n"}
    local: {url: "http://localhost:9000/"}
    inner: {url: "http://[fd00::1]/"}
    named: {url: "http://ops.internal/"}
`;
  const allowed = "must name a public address, or one that `allow` of `webhooks` names";
  const found = problemsOf({ file: file("10.0.0.0/8") });
  assert.deepEqual(
    found.map((problem) =>
      problem.replace(/^headgate\.yaml:\d+: webhooks\.endpoints\.(\w+)\.url: .*: must/, "$1 must"),
    ),
    ["near", "local", "inner"].map((name) => `${name} ${allowed}`),
  );
  assert.doesNotMatch(found.join("\n"), /t0k3n/);
  assert.deepEqual(load({ file: file("127.0.0.1, fd00::/8") }).config.webhooks.endpoints.length, 4);
});

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { formatNotice, signForChat } from "../../src/notify/message-format.ts";
import type { Notice } from "../../src/notify/notice.ts";

const NOTICE: Notice = {
  type: "task.failed",
  timestamp: "2026-02-04T03:04:05.678Z",
  title: "Task failed",
  facts: [["Request", "POST /a_b/<script>[x](http://evil) & *all* @all\n# no"]],
  data: { task_id: "t" },
};

test("programs get Standard Webhooks", () => {
  assert.deepEqual(JSON.parse(formatNotice(NOTICE, "standard")), {
    type: "task.failed",
    timestamp: NOTICE.timestamp,
    data: { task_id: "t" },
  });
});

test("each chat gets its form, and what came from outside is text in it", () => {
  assert.deepEqual(JSON.parse(formatNotice(NOTICE, "slack")), {
    text: "*Headgate: Task failed*\nRequest: POST /a_b/&lt;script&gt;[x](http://evil) &amp; *all* @all\n# no",
  });
  const escaped = "POST /a_b/＜script＞［x］(http://evil) & ＊all＊ ＠all # no";
  assert.deepEqual(JSON.parse(formatNotice(NOTICE, "dingtalk")), {
    msgtype: "markdown",
    markdown: { title: "Headgate: Task failed", text: `### Headgate: Task failed\n\n> Request: ${escaped}` },
  });
  assert.deepEqual(JSON.parse(formatNotice(NOTICE, "wecom")), {
    msgtype: "markdown",
    markdown: { content: `### Headgate: Task failed\n> Request: ${escaped}` },
  });
  const [name, text] = NOTICE.facts[0]!;
  assert.deepEqual(JSON.parse(formatNotice(NOTICE, "feishu")), {
    msg_type: "post",
    content: {
      post: {
        zh_cn: { title: "Headgate: Task failed", content: [[{ tag: "text", text: `${name}: ${text}` }]] },
      },
    },
  });
});

test("whatever the message is about, its title begins with the keyword that a robot may ask for", () => {
  for (const format of ["slack", "dingtalk", "feishu", "wecom"] as const) {
    const said = formatNotice({ ...NOTICE, title: "A queue is full" }, format);
    assert.match(said, /[#*"] ?Headgate: A queue is full/, format);
  }
});

test("WeCom takes 4096 bytes and no torn character", () => {
  const long = { ...NOTICE, facts: [["Why", "字".repeat(3_000)]] } as const;
  const { markdown } = JSON.parse(formatNotice(long, "wecom")) as { markdown: { content: string } };
  assert.ok(Buffer.byteLength(markdown.content) <= 4_096);
  assert.match(markdown.content, /字…$/);
});

test("DingTalk is signed in the URL, Feishu in the message", () => {
  const now = 1_770_000_000_123;
  const url = new URL("https://oapi.dingtalk.com/robot/send?access_token=t");
  const ding = signForChat("dingtalk", "SECret", { url, body: "{}" }, now);
  assert.deepEqual(Object.fromEntries(ding.url.searchParams), {
    access_token: "t",
    timestamp: String(now),
    sign: createHmac("sha256", "SECret").update(`${now}\nSECret`).digest("base64"),
  });
  const feishu = signForChat("feishu", "SECret", { url, body: '{"msg_type":"text"}' }, now);
  assert.equal(feishu.url, url);
  assert.deepEqual(JSON.parse(feishu.body), {
    timestamp: "1770000000",
    sign: createHmac("sha256", "1770000000\nSECret").digest("base64"),
    msg_type: "text",
  });
  assert.deepEqual(signForChat("slack", "SECret", { url, body: "{}" }, now), { url, body: "{}" });
});

// A request by hand: new, changed, refused.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createScreens, NO_BROWSER } from "../rig/browser.ts";
import { call, eventually, outcome, run } from "../rig/client.ts";
import { type Flow, startFlow } from "../rig/flow.ts";
import { createOwner } from "../rig/owner.ts";
import { headerOf } from "../rig/target.ts";

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly sizeBytes: number;
}

describe("submitting", { skip: NO_BROWSER }, () => {
  const screens = createScreens({ after });
  const owner = createOwner({ after });
  let flow: Flow;
  before(async () => void (flow = await startFlow(owner, 1, (target) => `target: ${target}`)));

  const idIn = (url: string): string => url.split("/").at(-1) ?? "";

  test("what is filled in is what the target sees, and the task is shown", async (t) => {
    const { page } = await screens.open(t, flow.url, "/submit");
    const field = (name: string) => page.getByRole("textbox", { name, exact: true });
    await field("Path and query").fill("/ok/by-hand?x=1");
    await field("Header fields, one a line").fill("Content-Type: text/plain\nX-Hand:  made ");
    await field("Body").fill("名字");
    await field("Priority").fill("7");
    await field("Labels").fill("customer=acme, env=prod");
    await field("Client").fill("shop");
    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByRole("heading", { level: 1, name: "POST /ok/by-hand?x=1" }).waitFor();
    for (const text of ["customer=acme", "env=prod", "shop"]) await page.getByText(text).first().waitFor();
    const task = await outcome(flow.url, idIn(page.url()));
    const seen = task.result as Seen;
    assert.deepEqual(
      [seen.method, seen.path, seen.sizeBytes, task.priority],
      ["POST", "/ok/by-hand?x=1", 6, 7],
    );
    assert.equal(headerOf(seen, "x-hand"), "made");
  });

  test("it works on a page of plain http from another machine, too", async (t) => {
    const { page } = await screens.open(t, flow.url, "/submit");
    await page.addInitScript(`
      Object.defineProperty(window, "isSecureContext", { value: false });
      Object.defineProperty(navigator, "clipboard", { value: undefined });
      crypto.randomUUID = undefined;
      window.copied = [];
      document.execCommand = (name) => window.copied.push(name + " " + String(getSelection()));
    `);
    await page.reload();
    await page.getByRole("textbox", { name: "Path and query" }).fill("/ok/plain");
    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByRole("heading", { level: 1, name: "POST /ok/plain" }).waitFor();
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Copy as curl" }).click();
    await page.getByText("Copied", { exact: true }).waitFor();
    assert.match(String(await page.evaluate("window.copied[0]")), /^copy curl --globoff .*ok\/plain/);
  });

  test("what Headgate refuses is said, with the field that it is about", async (t) => {
    const { page, expectFaults } = await screens.open(t, flow.url, "/submit");
    expectFaults(/400 \(Bad Request\)/);
    await page.getByRole("textbox", { name: "Delay" }).fill("soon");
    await page.getByRole("button", { name: "Submit" }).click();
    await page
      .getByRole("alert")
      .filter({ hasText: /Headgate-Delay/i })
      .waitFor();
    assert.match(page.url(), /\/submit$/);
  });

  test("what cannot be sent is said before", async (t) => {
    const { page } = await screens.open(t, flow.url, "/submit", { language: "zh-CN" });
    await page.getByRole("textbox", { name: "路径和查询参数" }).fill("no-slash");
    await page.getByText("路径必须以 / 开头").waitFor();
    assert.equal(await page.getByRole("button", { name: "提交" }).isDisabled(), true);
    await page.getByRole("textbox", { name: "路径和查询参数" }).fill("/ok");
    await page.getByRole("textbox", { name: "头部字段" }).fill("no colon");
    await page.getByText("不是有效的头部字段：no colon").waitFor();
    assert.equal(await page.getByRole("button", { name: "提交" }).isDisabled(), true);
  });

  test("a task's request is changed and sent again, without its secrets", async (t) => {
    const headers = ["Content-Type", "application/json", "Authorization", "Bearer s3cr3t", "X-Kept", "1"];
    const { task_id } = await run(flow.url, { method: "PUT", path: "/ok/old", headers, body: `{"a":1}` });
    const { page } = await screens.open(t, flow.url, `/tasks/${task_id}`);
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Edit and retry" }).click();
    const path = page.getByRole("textbox", { name: "Path and query" });
    await eventually(
      () => path.inputValue(),
      (value) => value === "/ok/old",
    );
    await path.fill("/ok/new");
    await page.getByRole("textbox", { name: "Body" }).fill(`{"a":2,"b":3}`);
    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByRole("heading", { level: 1, name: "PUT /ok/new" }).waitFor();
    const seen = (await outcome(flow.url, idIn(page.url()))).result as Seen;
    assert.deepEqual([seen.method, seen.path, seen.sizeBytes], ["PUT", "/ok/new", 13]);
    assert.equal(headerOf(seen, "x-kept"), "1");
    assert.equal(headerOf(seen, "authorization"), null);
    assert.equal((await call(flow.url, { path: `/task/${task_id}` })).status, 200);
  });
});

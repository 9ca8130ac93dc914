// The overview: what it says is so, and it says so by itself.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createScreens, NO_BROWSER } from "../rig/browser.ts";
import { call, eventually, run, submit } from "../rig/client.ts";
import { startFlow } from "../rig/flow.ts";
import { freePort } from "../rig/service.ts";
import { startBusyFlow } from "./busy.ts";

/** Pixels of the first figure that are not blank. */
const DRAWN = `(() => {
  const canvas = document.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, index) => index % 4 === 3 && value > 0).length;
})()`;

const screens = createScreens({ after });
const flow = await startBusyFlow({ after });

describe("the overview", { skip: NO_BROWSER }, () => {
  test("each lane and target stands there with what holds it", async (t) => {
    const { page } = await screens.open(t, flow.url);
    const lane = (name: string) => page.getByRole("region", { name: "Lanes" }).getByRole("row", { name });
    await lane("reports")
      .getByText("Target is full")
      .or(lane("reports").getByText("As many at once"))
      .waitFor();
    await lane("nightly").getByText("Paused").waitFor();
    await lane("away").getByText("Circuit open").waitFor();
    await lane("reports").getByRole("progressbar", { name: "In flight" }).waitFor();
    const waiting = lane("reports").getByRole("progressbar", { name: "Waiting" });
    assert.equal(await waiting.getAttribute("aria-valuetext"), "2 of 50");
    const targets = page.getByRole("region", { name: "Targets" });
    await targets
      .getByRole("row", { name: flow.targets[0]?.url.origin ?? "" })
      .getByText("Healthy")
      .waitFor();
    await targets.getByRole("row", { name: "127.0.0.1:9" }).getByText("connection_refused").waitFor();
  });

  test("what is wrong comes first, with the way to it", async (t) => {
    const { page } = await screens.open(t, flow.url);
    const attention = page.getByRole("region", { name: "Needs attention" });
    await attention.getByText("http://127.0.0.1:9 is left alone: it failed").waitFor();
    await attention.getByText("connection_refused").waitFor();
    const paused = attention.getByRole("listitem").filter({ hasText: "nightly is paused, 3 waiting" });
    await paused.getByRole("link", { name: "To the lane" }).click();
    await page.waitForURL("**/dashboard/lanes#lane-nightly");
    await page.getByRole("button", { name: "Resume nightly" }).waitFor();
  });

  test("a full lane, failures and a lane that is all right are told apart", async (t) => {
    const { url } = await startFlow(
      t,
      1,
      (target) => `max_attempts: 1\nroutes: [{name: default, match: /**, target: "${target}", queue: 2}]`,
    );
    const { page } = await screens.open(t, url);
    await page.getByText("Nothing needs attention.").waitFor();
    for (let i = 0; i < 3; i++) await run(url, { path: "/status/500" });
    const attention = page.getByRole("region", { name: "Needs attention" });
    await attention.getByText("100% of what ended lately failed").waitFor();
    await call(url, { method: "POST", path: "/lanes/default/pause" });
    for (let i = 0; i < 2; i++) await submit(url, { path: "/ok" });
    await attention.getByText("default is full: new requests are turned away with 503").waitFor();
    await attention.getByRole("link", { name: "Failed tasks" }).click();
    await page.waitForURL("**/tasks?status=failed");
    await page.getByRole("row").getByText("HTTP 500").nth(2).waitFor();
  });

  test("long tasks are named, and lead to themselves", async (t) => {
    const { page } = await screens.open(t, flow.url);
    const long = page.getByRole("region", { name: "Long tasks" });
    await long.getByText("running for longer than 1s").waitFor();
    const link = long.getByRole("link", { name: "POST /slow/report-0" });
    assert.match((await link.getAttribute("href")) ?? "", /\/dashboard\/tasks\/\w+/);
    await eventually(
      () => long.getByRole("link").count(),
      (count) => count === 2,
    );
  });

  test("`j` and `k` go through the rows, and Enter opens one", async (t) => {
    const { page } = await screens.open(t, flow.url);
    await page.getByRole("link", { name: "reports" }).waitFor();
    const focused = () => page.evaluate<string>("document.activeElement.textContent");
    await page.keyboard.type("jjk");
    assert.equal(await focused(), "reports");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Lanes and targets" }).waitFor();
    assert.match(page.url(), /#lane-reports$/);
  });

  test("a figure is drawn, and tells of the moment that is pointed at", async (t) => {
    const { page } = await screens.open(t, flow.url);
    const figure = page.getByRole("region", { name: "Throughput" });
    await figure.getByRole("img", { name: "Throughput over the last minutes" }).waitFor();
    const canvas = figure.locator("canvas");
    await eventually(
      () => page.evaluate<number>(DRAWN),
      (drawn) => drawn > 1_000,
    );
    const box = await canvas.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width - 40, box.y + box.height / 2);
    await figure.getByText(/^\d\d:\d\d:\d\d$/).waitFor();
  });

  test("what is not allowed is said, and asked for again", async (t) => {
    const { page, expectFaults } = await screens.open(t, flow.url, "/lanes");
    expectFaults(/403/);
    await page.getByRole("region", { name: "reports" }).waitFor();
    const problem = { code: "forbidden", status: 403, detail: "This key may not look at that." };
    await page.route("**/stats", (route) => route.fulfill({ status: 403, json: problem }));
    await page.reload();
    const alert = page.getByRole("alert");
    await alert.getByText("This key may not look at that.").waitFor();
    await page.unroute("**/stats");
    await alert.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("region", { name: "reports" }).waitFor();
    await alert.waitFor({ state: "detached" });
  });
});

describe("the overview as time goes by", { skip: NO_BROWSER }, () => {
  test("it follows, and goes on after the gateway was away", async (t) => {
    const port = String(await freePort());
    const { gateway, targets } = await startFlow(t, 1, (target) => `target: ${target}`, [
      "--listen-port",
      port,
    ]);
    const { page } = await screens.open(t, gateway.url);
    const completed = page.getByRole("row", { name: "default" }).getByRole("cell").nth(3);
    await page.getByText("Live", { exact: true }).waitFor();
    assert.equal(await completed.textContent(), "0");
    await run(gateway.url, { path: "/ok" });
    await page.getByRole("row", { name: "default" }).getByRole("cell", { name: "1", exact: true }).waitFor();

    gateway.kill("SIGKILL");
    await page.getByText("Reconnecting…").waitFor();
    await page.getByText("Headgate has not been heard of since").waitFor();
    await gateway.restart();
    await page.getByText("Live", { exact: true }).waitFor();
    await submit(gateway.url, { path: "/slow" });
    await targets[0]?.received(2);
    await page
      .getByRole("row", { name: "default" })
      .getByRole("progressbar", { name: "In flight" })
      .and(page.locator('[aria-valuetext^="1 of"]'))
      .waitFor();
  });

  test("a key is asked for, kept for the tab, and forgotten", async (t) => {
    const { url } = await startFlow(
      t,
      1,
      (target) => `target: ${target}\nkeys: {ops: {key: ops-0123456789abcdef, role: admin}}`,
    );
    const { page, expectFaults } = await screens.open(t, url);
    expectFaults(/401/);
    const dialog = page.getByRole("dialog", { name: "This Headgate asks for a key" });
    await dialog.getByLabel("Key", { exact: true }).fill("wrong-0123456789abcdef");
    await dialog.getByRole("button", { name: "Use it" }).click();
    await dialog.getByText("This key was not accepted.").waitFor();
    await dialog.getByLabel("Key", { exact: true }).fill("ops-0123456789abcdef");
    await dialog.getByRole("button", { name: "Use it" }).click();
    await page.getByRole("region", { name: "Lanes" }).waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.reload();
    await page.getByRole("region", { name: "Lanes" }).waitFor();
    await page.getByRole("button", { name: "Forget the key" }).click();
    await dialog.waitFor();
    assert.equal(await page.getByRole("region", { name: "Lanes" }).count(), 0);
    assert.equal((await call(url, { path: "/stats" })).status, 401);
  });
});

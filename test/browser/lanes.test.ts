// Lanes and targets: what an operator does to them is done.

import assert from "node:assert/strict";
import { after, describe, type TestContext, test } from "node:test";
import { createScreens, NO_BROWSER, type Screen } from "../rig/browser.ts";
import { eventually, run, submit } from "../rig/client.ts";
import { change, type Flow, laneOf, startFlow } from "../rig/flow.ts";

const screens = createScreens({ after });

describe("lanes and targets", { skip: NO_BROWSER }, () => {
  async function stage(t: TestContext): Promise<Flow & Screen> {
    const flow = await startFlow(
      t,
      1,
      (target) => `target: ${target}
routes:
  - {name: images, match: /images/*, methods: [POST], max_concurrent: 4, queue: 200, rate: 50/s}
`,
    );
    return { ...flow, ...(await screens.open(t, flow.url, "/lanes")) };
  }

  test("a lane says what comes into it, and where that goes", async (t) => {
    const { page } = await stage(t);
    const images = page.getByRole("region", { name: "images" });
    await images.getByText("/images/*").waitFor();
    await images.getByText("POST").waitFor();
    await images.getByText("50/s").waitFor();
    const waiting = images.getByRole("progressbar", { name: "Waiting" });
    assert.equal(await waiting.getAttribute("aria-valuetext"), "0 of 200");
  });

  test("a lane is paused, holds its tasks, and goes on", async (t) => {
    const { url, page, targets } = await stage(t);
    const images = page.getByRole("region", { name: "images" });
    await images.getByRole("button", { name: "Pause images" }).click();
    await page.getByText("images is paused: what runs goes on, nothing more is sent.").waitFor();
    await images.getByText("Paused").waitFor();
    assert.equal((await laneOf(url, "images")).paused, true);
    await submit(url, { path: "/images/1" });
    await images
      .getByRole("progressbar", { name: "Waiting" })
      .and(page.locator('[aria-valuetext="1 of 200"]'))
      .waitFor();
    assert.equal(targets[0]?.seen.length, 0);
    await images.getByRole("button", { name: "Resume images" }).click();
    await targets[0]?.received(1);
    await images.getByRole("button", { name: "Pause images" }).waitFor();
    assert.equal((await laneOf(url, "images")).paused, false);
  });

  test("its limits are changed, and are as configured again", async (t) => {
    const { url, page } = await stage(t);
    const images = page.getByRole("region", { name: "images" });
    const dialog = page.getByRole("dialog", { name: "Limits of images" });
    const choose = (group: string, mode: string) =>
      dialog.getByRole("radiogroup", { name: group }).getByText(mode).click();
    await images.getByRole("button", { name: "Limits of images" }).click();
    assert.equal(await dialog.getByRole("button", { name: "Set" }).isDisabled(), true);
    await choose("At once", "Fixed");
    await dialog.getByRole("textbox", { name: "At once" }).fill("2");
    await choose("Queue", "Fixed");
    await dialog.getByRole("textbox", { name: "Queue" }).fill("10");
    await choose("Rate", "No limit");
    await dialog.getByRole("button", { name: "Set" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("The limits of images hold from now on.").waitFor();
    const changed = await laneOf(url, "images");
    assert.deepEqual([changed.limit, changed.queue.capacity, changed.rate], [2, 10, null]);
    await eventually(
      () => images.getByText("changed", { exact: true }).count(),
      (count) => count === 3,
    );

    await images.getByRole("button", { name: "Limits of images" }).click();
    assert.equal(await dialog.getByRole("textbox", { name: "At once" }).inputValue(), "2");
    for (const group of ["At once", "Queue", "Rate"]) await choose(group, "As configured");
    await dialog.getByRole("button", { name: "Set" }).click();
    await dialog.waitFor({ state: "detached" });
    const back = await laneOf(url, "images");
    assert.deepEqual([back.limit, back.queue.capacity, back.rate], [4, 200, "50/s"]);
  });

  test("a rate that is none is refused in words, and nothing is changed", async (t) => {
    const { url, page, expectFaults } = await stage(t);
    expectFaults(/400 .*\/lanes\/images/);
    await page.getByRole("button", { name: "Limits of images" }).click();
    const dialog = page.getByRole("dialog", { name: "Limits of images" });
    await dialog.getByRole("radiogroup", { name: "Rate" }).getByText("Fixed").click();
    await dialog.getByRole("textbox", { name: "Rate" }).fill("often");
    await dialog.getByRole("button", { name: "Set" }).click();
    await dialog
      .getByRole("alert")
      .getByText(/must be a rate such as/)
      .waitFor();
    assert.equal((await laneOf(url, "images")).rate, "50/s");
  });

  test("what somebody else changes shows by itself, and a lane that is configured no longer has no switches", async (t) => {
    const { url, page, gateway, targets } = await stage(t);
    const images = page.getByRole("region", { name: "images" });
    await images.waitFor();
    await change(url, "images", { queue: 7 });
    await images.locator('[aria-valuetext="0 of 7"]').waitFor({ state: "attached" });
    await run(url, { path: "/images/1" });
    await gateway.rewrite(`target: ${targets[0]?.url.origin}\n`);
    await images.getByText("The configuration does not know this lane any more.").waitFor();
    assert.equal(await images.getByRole("button").count(), 0);
  });
});

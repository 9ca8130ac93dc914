// Webhooks: what was sent, to whom, and again.

import assert from "node:assert/strict";
import { after, describe, type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { createScreens, NO_BROWSER } from "../rig/browser.ts";
import { submit } from "../rig/client.ts";
import { type Flow, startFlow } from "../rig/flow.ts";
import { type Receiver, reply, startReceiver } from "../rig/receiver.ts";
import { SECRET } from "./busy.ts";

interface Stage extends Flow {
  readonly receiver: Receiver;
  readonly page: Page;
}

const screens = createScreens({ after });

describe("webhooks", { skip: NO_BROWSER }, () => {
  async function stage(t: TestContext, path = "/webhooks"): Promise<Stage> {
    const receiver = await startReceiver(t);
    const flow = await startFlow(
      t,
      1,
      (target) => `target: ${target}
webhooks:
  secret: ${SECRET}
  allow: [127.0.0.0/8]
  endpoints:
    ops: {url: "${receiver.url}/ops?secret=hidden", on: completed}
`,
    );
    const { page } = await screens.open(t, flow.url, path);
    return { ...flow, receiver, page };
  }
  const deliveries = (page: Page) => page.getByRole("region", { name: "Deliveries" });

  test("what is sent appears by itself, with its tries", async (t) => {
    const { url, receiver, page } = await stage(t);
    await deliveries(page).getByText("Nothing was sent yet").waitFor();
    const id = await submit(url, { path: "/x" });
    await receiver.received(1, "/ops");
    const row = deliveries(page).getByRole("button", { name: /Delivered task\.completed ops 1 try/ });
    await row.click();
    await deliveries(page).getByRole("link", { name: id }).waitFor();
    await deliveries(page).getByRole("cell", { name: "204" }).waitFor();
    assert.doesNotMatch((await page.locator("main").textContent()) ?? "", /hidden/);
  });

  test("a delivery is sent again", async (t) => {
    const { url, receiver, page } = await stage(t);
    await submit(url, { path: "/x" });
    const first = await receiver.received(1, "/ops");
    await deliveries(page)
      .getByRole("button", { name: /task\.completed/ })
      .click();
    await deliveries(page).getByRole("button", { name: "Send it again" }).click();
    await page.getByText("It is sent again.").waitFor();
    const second = await receiver.received(2, "/ops");
    assert.equal(second.headers["webhook-id"], first.headers["webhook-id"]);
    await deliveries(page).getByRole("cell", { name: "204" }).nth(1).waitFor();
  });

  test("a receiver gets a test; one that said 410 is sent to again", async (t) => {
    const { receiver, page } = await stage(t);
    receiver.next("/ops", reply(410));
    const ops = page.getByRole("region", { name: "ops" });
    await ops.getByRole("button", { name: "Send a test to ops" }).click();
    await page.getByText("A test is on its way to ops.").waitFor();
    await ops.getByText(/It said 410 at/).waitFor();
    await ops.getByRole("button", { name: "Send again to ops" }).click();
    await page.getByText("ops is sent to again.").waitFor();
    await ops.getByText(/It said 410 at/).waitFor({ state: "detached" });
    await ops.getByRole("button", { name: "Send a test to ops" }).click();
    await receiver.received(2, "/ops");
    await deliveries(page)
      .getByRole("button", { name: /Delivered test ops/ })
      .waitFor();
  });

  test("the filters stand in the URL", async (t) => {
    const { receiver, page, url } = await stage(t, "/webhooks?state=failed&endpoint=ops");
    await deliveries(page).getByText("Nothing of this kind").waitFor();
    receiver.next("/gone", reply(410));
    await submit(url, { path: "/a" });
    await submit(url, { path: "/b", headers: ["Headgate-Callback", `${receiver.url}/gone`] });
    await receiver.received(3);
    const rows = deliveries(page).getByRole("button", { name: /task\.completed/ });
    await page.reload();
    assert.equal(await rows.count(), 0);
    await deliveries(page).getByRole("combobox", { name: "Receiver" }).click();
    await page.getByRole("option", { name: "Any receiver" }).click();
    await rows.first().waitFor();
    assert.match(page.url(), /\?state=failed$/);
    assert.equal(await rows.count(), 1);
    await deliveries(page).getByRole("radiogroup", { name: "State" }).getByText("All").click();
    await rows.nth(2).waitFor();
    assert.doesNotMatch(page.url(), /\?/);
  });
});

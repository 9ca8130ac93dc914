// What a key may not do is not offered.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { createScreens, NO_BROWSER, type Screen } from "../rig/browser.ts";
import { call } from "../rig/client.ts";
import { type Flow, startFlow } from "../rig/flow.ts";
import { createOwner } from "../rig/owner.ts";

const KEYS = {
  reader: "reader-0123456789abcdef",
  alice: "alice-0123456789abcdef",
  bob: "bob-0123456789abcdef",
} as const;

const FILE = (target: string): string => `
target: ${target}
keys:
  reader: {key: ${KEYS.reader}, role: read}
  alice: {key: ${KEYS.alice}}
  bob: {key: ${KEYS.bob}}
`;

describe("a key", { skip: NO_BROWSER }, () => {
  const screens = createScreens({ after });
  const owner = createOwner({ after });
  let flow: Flow;
  let bobs: string;
  before(async () => {
    flow = await startFlow(owner, 1, FILE);
    for (const name of ["alice", "bob"] as const) {
      const { json } = await call(flow.url, {
        method: "POST",
        path: `/ok/${name}`,
        headers: ["Headgate-Key", KEYS[name]],
      });
      if (name === "bob") bobs = json<{ task_id: string }>().task_id;
    }
  });

  async function open(
    t: Parameters<typeof screens.open>[0],
    name: keyof typeof KEYS,
    path: string,
  ): Promise<Screen> {
    const screen = await screens.open(t, flow.url, path);
    screen.expectFaults(/401|403|404/);
    const dialog = screen.page.getByRole("dialog", { name: "This Headgate asks for a key" });
    await dialog.getByLabel("Key", { exact: true }).fill(KEYS[name]);
    await dialog.getByRole("button", { name: "Use it" }).click();
    return screen;
  }

  const ways = (page: Page): Promise<readonly string[]> =>
    page.getByRole("navigation").getByRole("link").allTextContents();

  test("that may only look sees everything, and no switch", async (t) => {
    const { page } = await open(t, "reader", "/lanes");
    await page.getByRole("heading", { level: 3, name: "default" }).waitFor();
    await page.getByRole("link", { name: "Submit" }).waitFor({ state: "detached" });
    assert.deepEqual(await ways(page), ["Overview", "Tasks", "Lanes and targets", "Webhooks", "API"]);
    assert.equal(await page.getByRole("button", { name: /Pause|limits/i }).count(), 0);
    await page.getByRole("link", { name: "Tasks" }).click();
    await page.getByRole("link", { name: "/ok/bob" }).waitFor();
    assert.equal(await page.getByRole("checkbox").count(), 0);
    await page.keyboard.type("jx");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "/ok/bob" }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Retry" }).count(), 0);
    await page.getByRole("button", { name: "More actions" }).click();
    assert.deepEqual(await page.getByRole("menuitem").allTextContents(), ["Copy as curl"]);
  });

  test("that submits sees its own tasks, and no view of the whole", async (t) => {
    const { page } = await open(t, "alice", "/");
    await page.waitForURL("**/dashboard/tasks");
    await page.getByRole("link", { name: "/ok/alice" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "/ok/bob" }).count(), 0);
    assert.deepEqual(await ways(page), ["Tasks", "Submit", "API"]);
    await page.getByRole("link", { name: "/ok/alice" }).click();
    await page.getByRole("button", { name: "Retry" }).click();
    await page.getByText("Runs again as a new task").waitFor();
    for (const path of ["/lanes", "/webhooks"]) {
      await page.goto(new URL(`/dashboard${path}`, flow.url).href);
      await page.getByText("This key may not see this").first().waitFor();
    }
    await page.goto(new URL(`/dashboard/tasks/${bobs}`, flow.url).href);
    await page.getByText("There is no such task").waitFor();
  });
});

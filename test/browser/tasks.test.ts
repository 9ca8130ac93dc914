// The list of tasks: found, gone through, chosen and handled, and of the present moment.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { createScreens, NO_BROWSER } from "../rig/browser.ts";
import { call, eventually, look, outcome, run, submit } from "../rig/client.ts";
import { type Flow, startFlow } from "../rig/flow.ts";
import { createOwner } from "../rig/owner.ts";

const ROUTES = (target: string): string => `
target: ${target}
routes:
  - {name: reports, match: /slow/*, target: "${target}", max_concurrent: 1}
  - {name: nightly, match: /nightly/*, target: "${target}"}
`;

/** The path of each row that is drawn, top first. */
async function shown(page: Page): Promise<readonly string[]> {
  return page.getByRole("row").getByRole("link").allTextContents();
}

function row(page: Page, path: string) {
  return page.getByRole("row").filter({ hasText: path });
}

/** A gateway of the test's own, where the lane `nightly` is paused and holds `count` tasks. */
async function startPaused(
  t: Parameters<typeof startFlow>[0],
  count: number,
): Promise<Flow & { readonly ids: readonly string[] }> {
  const flow = await startFlow(t, 1, ROUTES);
  await call(flow.url, { method: "POST", path: "/lanes/nightly/pause" });
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await submit(flow.url, { path: `/nightly/${i}` }));
  return { ...flow, ids };
}

describe("the list of tasks", { skip: NO_BROWSER }, () => {
  const screens = createScreens({ after });
  const owner = createOwner({ after });
  let flow: Flow;
  let found: string;
  before(async () => {
    flow = await startFlow(owner, 1, ROUTES);
    const label = ["Headgate-Label", "customer=acme", "Headgate-Client", "shop"];
    found = (await run(flow.url, { path: "/status/200?find=me", headers: label })).task_id;
    await run(flow.url, { path: "/status/500" });
    await run(flow.url, { path: "/ok/put", method: "PUT" });
    await submit(flow.url, { path: "/slow/1" });
    await flow.targets[0]?.received(4);
    await submit(flow.url, { path: "/slow/2" });
  });

  test("newest first, each with its state in words", async (t) => {
    const { page } = await screens.open(t, flow.url, "/tasks");
    await row(page, "/slow/2").getByText("Pending").waitFor();
    await row(page, "/slow/1").getByText("Processing").waitFor();
    await row(page, "/status/500").getByText("Failed").waitFor();
    await row(page, "find=me").getByText("Completed").waitFor();
    const paths = [
      "POST /slow/2",
      "POST /slow/1",
      "PUT /ok/put",
      "POST /status/500",
      "POST /status/200?find=me",
    ];
    assert.deepEqual(await shown(page), paths);
    await row(page, "/status/500").getByText("HTTP 500").waitFor();
    await row(page, "/slow/2").getByText("As many at once as it may").waitFor();
    const states = page.getByRole("radiogroup", { name: "Status" });
    await states.getByText("Failed 1").waitFor();
  });

  const filters: readonly (readonly [search: string, path: string])[] = [
    ["status=failed", "POST /status/500"],
    ["method=PUT", "PUT /ok/put"],
    ["label=customer%3Dacme", "POST /status/200?find=me"],
    ["client=shop", "POST /status/200?find=me"],
    ["path=%2Fok", "PUT /ok/put"],
    ["q=find", "POST /status/200?find=me"],
    ["q=mer%3Dac", "POST /status/200?find=me"],
    ["route=reports&status=pending", "POST /slow/2"],
  ];
  for (const [search, path] of filters) {
    test(`a link with ${search} is the list of it`, async (t) => {
      const { page } = await screens.open(t, flow.url, `/tasks?${search}`);
      await page.getByRole("link", { name: path }).waitFor();
      assert.deepEqual(await shown(page), [path]);
    });
  }

  test("what is chosen and typed stands in the URL, and is taken back", async (t) => {
    const { page } = await screens.open(t, flow.url, "/tasks");
    await page.getByText("Failed", { exact: true }).first().click();
    await page.waitForURL("**/tasks?status=failed");
    await row(page, "/ok/put").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "More filters" }).click();
    await page.getByRole("textbox", { name: "Path begins with" }).fill("/nowhere");
    await page.getByText("No task matches").waitFor();
    assert.equal(new URL(page.url()).searchParams.get("path"), "/nowhere");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await row(page, "/ok/put").waitFor();
    assert.equal(new URL(page.url()).search, "");
  });

  test("a time is typed in that of the reader, and stands in the URL in that of the world", async (t) => {
    const { page } = await screens.open(t, flow.url, "/tasks?since=2001-02-03T04:05:06.000Z");
    await row(page, "/ok/put").waitFor();
    const since = page.getByLabel("Since");
    const local = new Date(Date.UTC(2001, 1, 3, 4, 5, 6));
    const two = (number: number): string => String(number).padStart(2, "0");
    assert.equal(
      await since.inputValue(),
      `2001-02-${two(local.getDate())}T${two(local.getHours())}:${two(local.getMinutes())}:06`,
    );
    await since.fill("2999-01-01T12:00:00");
    await page.getByText("No task matches").waitFor();
    const typed = new URL(page.url()).searchParams.get("since");
    assert.equal(typed, new Date("2999-01-01T12:00:00").toISOString());
  });

  test("on a tablet nothing of a row is cut off", async (t) => {
    const { page } = await screens.open(t, flow.url, "/tasks");
    await page.setViewportSize({ width: 820, height: 1_180 });
    await row(page, "/ok/put").waitFor();
    const isCut =
      "[...document.querySelectorAll('[role=row]')].some((row) => row.scrollWidth > row.clientWidth)";
    assert.equal(await page.evaluate<boolean>(isCut), false);
  });

  test("`/` searches by part of an id", async (t) => {
    const { page } = await screens.open(t, flow.url, "/tasks");
    await row(page, "/slow/1").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type(found.slice(-8));
    await row(page, "/slow/1").waitFor({ state: "detached" });
    assert.deepEqual(await shown(page), ["POST /status/200?find=me"]);
  });

  test("`j` and `k` go through the rows, `x` chooses, Enter opens", async (t) => {
    const { page } = await screens.open(t, flow.url, "/tasks");
    await row(page, "/slow/1").waitFor();
    await page.keyboard.type("jjkjx");
    await page.getByText("1 selected").waitFor();
    assert.equal(await row(page, "/slow/1").getAttribute("aria-selected"), "true");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "POST /slow/1" }).waitFor();
  });

  test("on a phone a state is chosen from a list", async (t) => {
    const { page } = await screens.open(t, flow.url, "/tasks", { isPhone: true, language: "zh-CN" });
    await page.getByRole("combobox", { name: "状态" }).selectOption("failed");
    await page.getByRole("combobox", { name: "状态" }).getByText(/^失败/).waitFor({ state: "attached" });
    await row(page, "/ok/put").waitFor({ state: "detached" });
    assert.deepEqual(await shown(page), ["POST /status/500"]);
  });

  test("where there are no tasks it says how they come about", async (t) => {
    const { url } = await startFlow(t, 1, ROUTES);
    const { page } = await screens.open(t, url, "/tasks");
    await page.getByText("No tasks yet").waitFor();
    await page.getByText(`curl -X POST ${url.origin}/`).waitFor();
  });

  test("those chosen are cancelled after a question", async (t) => {
    const { url, ids } = await startPaused(t, 3);
    const { page } = await screens.open(t, url, "/tasks");
    await page.getByRole("checkbox", { name: "Select /nightly/2" }).check();
    await page.getByRole("checkbox", { name: "Select /nightly/0" }).check();
    const bar = page.getByRole("toolbar", { name: "2 selected" });
    await bar.getByRole("button", { name: "Cancel" }).click();
    const question = page.getByRole("dialog", { name: "Cancel 2 tasks?" });
    await question.getByRole("button", { name: "Leave them" }).last().click();
    await question.waitFor({ state: "detached" });
    assert.equal((await look(url, String(ids[2]))).status, "pending");
    await bar.getByRole("button", { name: "Cancel" }).click();
    await question.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Done: 2 tasks").waitFor();
    await row(page, "/nightly/2").getByText("Cancelled").waitFor();
    const states = await Promise.all(ids.map(async (id) => (await look(url, id)).status));
    assert.deepEqual(states, ["cancelled", "pending", "cancelled"]);
  });

  test("all that are shown run again, as far as that is possible", async (t) => {
    const { url } = await startPaused(t, 1);
    const { task_id } = await run(url, { path: "/status/500" });
    const { page, expectFaults } = await screens.open(t, url, "/tasks");
    // The one that waits has not ended: it is refused.
    expectFaults(/409 \(Conflict\)/);
    await page.getByRole("checkbox", { name: "Select all that are shown" }).check();
    await page.getByRole("toolbar").getByRole("button", { name: "Retry" }).click();
    await page
      .getByRole("dialog", { name: "Run 2 tasks again?" })
      .getByRole("button", { name: "Retry" })
      .click();
    await page.getByText("Done: 1 task · not in a state for it: 1").waitFor();
    await eventually(
      () => shown(page),
      ({ length }) => length === 3,
    );
    const { tasks } = (await call(url, { path: "/tasks" })).json<{ tasks: { retry_of: string | null }[] }>();
    assert.equal(tasks[0]?.retry_of, task_id);
  });

  test("what is accepted, starts and ends is seen without a question", async (t) => {
    const { url, targets } = await startFlow(t, 1, ROUTES);
    const { page } = await screens.open(t, url, "/tasks");
    await page.getByText("Live", { exact: true }).waitFor();
    const id = await submit(url, { path: "/slow/now" });
    await row(page, "/slow/now").getByText("Processing").waitFor();
    let asked = 0;
    page.on("request", () => (asked += 1));
    targets[0]?.release();
    await outcome(url, id);
    await row(page, "/slow/now").getByText("Completed").waitFor();
    assert.equal(asked, 0);
    assert.doesNotMatch(await row(page, "/slow/now").innerText(), /–/, "how long it took");
  });

  test("new ones wait while somebody has chosen others", async (t) => {
    const { url } = await startPaused(t, 2);
    const { page } = await screens.open(t, url, "/tasks");
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("checkbox", { name: "Select /nightly/1" }).check();
    await submit(url, { path: "/nightly/late" });
    await submit(url, { path: "/nightly/later" });
    const news = page.getByRole("button", { name: "2 new" });
    await news.waitFor();
    assert.equal((await shown(page)).length, 2);
    await news.click();
    await row(page, "/nightly/later").waitFor();
    assert.equal((await shown(page)).length, 4);
    await page.getByText("1 selected").waitFor();
  });
});

// What is done to all that match, whether they are shown or not.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { createScreens, NO_BROWSER } from "../rig/browser.ts";
import { call, eventually, submit } from "../rig/client.ts";
import { change, startFlow } from "../rig/flow.ts";

/** More than a page of the list. */
const MANY = 130;

const ROUTES = (target: string): string => `
target: ${target}
max_attempts: 1
routes:
  - {name: nightly, match: /nightly/*, target: "${target}", queue: 500}
  - {name: bad, match: /status/*, target: "${target}", queue: 500}
`;

async function submitMany(url: URL, path: string): Promise<void> {
  const { status, text } = await call(url, {
    method: "POST",
    path: "/tasks/batch",
    headers: ["Content-Type", "application/json"],
    body: JSON.stringify({ requests: Array.from({ length: MANY }, () => ({ path })) }),
  });
  assert.equal(status, 202, text);
}

type Counts = Readonly<Record<string, number>>;

async function countsOf(url: URL): Promise<Counts> {
  return (await call(url, { path: "/stats" })).json<{ tasks: Counts }>().tasks;
}

async function chooseEvery(page: Page, button: string | RegExp): Promise<void> {
  await page.getByRole("checkbox", { name: "Select all that are shown" }).check();
  await page.getByRole("button", { name: button }).click();
}

describe("all tasks that match", { skip: NO_BROWSER }, () => {
  const screens = createScreens({ after });

  test("are cancelled after a question that says how many and which, and no other is", async (t) => {
    const { url } = await startFlow(t, 1, ROUTES);
    for (const lane of ["nightly", "bad"]) await call(url, { method: "POST", path: `/lanes/${lane}/pause` });
    await submitMany(url, "/nightly/1");
    await submit(url, { path: "/status/200" });
    const { page } = await screens.open(t, url, "/tasks?route=nightly");
    await chooseEvery(page, `Select all ${MANY} that match`);
    const bar = page.getByRole("toolbar", { name: `All ${MANY} that match` });
    await bar.getByRole("button", { name: "Cancel" }).click();
    const question = page.getByRole("dialog", { name: `Cancel ${MANY} tasks?` });
    await question.getByText("Route: nightly").waitFor();
    await question.getByRole("button", { name: "Leave them" }).last().click();
    assert.equal((await countsOf(url))["cancelled"], 0);
    await bar.getByRole("button", { name: "Cancel" }).click();
    await question.getByRole("button", { name: "Cancel" }).click();
    await page.getByText(`Done: ${MANY} tasks`).waitFor();
    const counts = await countsOf(url);
    assert.deepEqual([counts["cancelled"], counts["pending"]], [MANY, 1]);
    await bar.waitFor({ state: "detached" });
    await page.getByRole("row").getByText("Cancelled").first().waitFor();
  });

  test("run again, as far as there is room", async (t) => {
    const { url } = await startFlow(t, 1, ROUTES);
    await submitMany(url, "/status/500");
    await eventually(
      () => countsOf(url),
      ({ failed }) => failed === MANY,
    );
    await call(url, { method: "POST", path: "/lanes/bad/pause" });
    await change(url, "bad", { queue: 20 });
    // By a filter that no count is told for.
    const { page } = await screens.open(t, url, "/tasks?path=%2Fstatus");
    await chooseEvery(page, "Select all that match");
    await page.getByRole("toolbar").getByRole("button", { name: "Retry" }).click();
    const question = page.getByRole("dialog", { name: `Run ${MANY} tasks again?` });
    await question.getByText("each that failed becomes a new task").waitFor();
    await question.getByRole("button", { name: "Retry" }).click();
    await page.getByText(/^Done: 20 tasks · no room in the queue: \d+/).waitFor();
    assert.equal((await countsOf(url))["pending"], 20);
  });

  test("are not offered what their state rules out, and one that is taken out is left out", async (t) => {
    const { url } = await startFlow(t, 1, ROUTES);
    await call(url, { method: "POST", path: "/lanes/nightly/pause" });
    await submitMany(url, "/nightly/1");
    const { page } = await screens.open(t, url, "/tasks?status=pending");
    await chooseEvery(page, /^Select all/);
    const bar = page.getByRole("toolbar");
    assert.equal(await bar.getByRole("button", { name: "Retry" }).isDisabled(), true);
    await page.getByRole("checkbox", { name: "Select /nightly/1" }).first().uncheck();
    await page.getByRole("toolbar", { name: "99 selected" }).waitFor();
    await page.getByRole("button", { name: "Select none" }).click();
    await bar.waitFor({ state: "detached" });
  });
});

// What stands around every view.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { assertAccessible, createScreens, isTooWide, NO_BROWSER } from "../rig/browser.ts";
import { startFlow } from "../rig/flow.ts";

/** What the components are from. */
const LIBRARY = "@mantine/core";

const PLAIN = (target: string): string => `target: ${target}`;

const screens = createScreens({ after });

describe("the shell", { skip: NO_BROWSER }, () => {
  test("it speaks the browser's language, and the other when asked to", async (t) => {
    const { url } = await startFlow(t, 1, PLAIN);
    const { page } = await screens.open(t, url, "/", { language: "zh-CN" });
    await page.getByRole("heading", { level: 1, name: "概览" }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
  });

  test("light becomes dark and stays so", async (t) => {
    const { url } = await startFlow(t, 1, PLAIN);
    const { page } = await screens.open(t, url);
    const scheme = () => page.locator("html").getAttribute("data-mantine-color-scheme");
    await page.getByRole("button", { name: "Dark" }).click();
    assert.equal(await scheme(), "dark");
    await page.reload();
    await page.getByRole("button", { name: "Light" }).waitFor();
    assert.equal(await scheme(), "dark");
  });

  test("keys lead from view to view, and `?` names them", async (t) => {
    const { url } = await startFlow(t, 1, PLAIN);
    const { page } = await screens.open(t, url);
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    await page.keyboard.type("gw");
    await page.getByRole("heading", { level: 1, name: "Webhooks" }).waitFor();
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await help.getByText("Go to Tasks").waitFor();
    await assertAccessible(page);
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "detached" });
  });

  test("the first load is small", async (t) => {
    const { url } = await startFlow(t, 1, PLAIN);
    const { page } = await screens.open(t, url);
    await page.getByRole("region", { name: "Lanes" }).waitFor();
    const scripts = await page.evaluate<readonly { readonly name: string; readonly bytes: number }[]>(
      `performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".js"))
        .map(({ name, encodedBodySize }) => ({ name, bytes: encodedBodySize }))`,
    );
    const total = scripts.reduce((sum, { bytes }) => sum + bytes, 0);
    assert.ok(total > 0 && total <= 190_000, `${total} bytes: ${JSON.stringify(scripts)}`);
  });

  test("every component that is used has its styles", () => {
    const dashboard = new URL("../../dashboard/", import.meta.url);
    const assets = new URL("dist/assets/", dashboard);
    const written = (ending: string): string =>
      readdirSync(assets)
        .filter((name) => name.endsWith(ending) && !name.startsWith("docs-"))
        .map((name) => readFileSync(new URL(name, assets), "utf8"))
        .join("");
    const classes = (text: string): Set<string> => new Set(text.match(/\bm_[\da-f]{6,8}\b/g));
    const library = new URL(`node_modules/${LIBRARY}/styles.css`, dashboard);
    const styled = classes(readFileSync(library, "utf8"));
    const given = classes(written(".css"));
    const used = [...classes(written(".js"))].filter((name) => styled.has(name));
    assert.ok(used.length > 100, `${used.length} classes`);
    assert.deepEqual(
      used.filter((name) => !given.has(name)),
      [],
    );
  });

  test("on a phone the navigation opens and closes", async (t) => {
    const { url } = await startFlow(t, 1, PLAIN);
    const { page } = await screens.open(t, url, "/", { isPhone: true });
    await page.getByRole("button", { name: "Navigation" }).tap();
    await page.getByRole("link", { name: "Lanes and targets" }).tap();
    await page.getByRole("heading", { level: 1, name: "Lanes and targets" }).waitFor();
    assert.equal(await isTooWide(page), false);
  });
});

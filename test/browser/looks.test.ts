// Each view as everybody may see it: both languages, light and dark, on a desk and on a phone. Screenshots are kept.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import {
  assertAccessible,
  createScreens,
  isTooWide,
  keepScreenshot,
  type Look,
  NO_BROWSER,
} from "../rig/browser.ts";
import { startBusyFlow } from "./busy.ts";

const LOOKS: Readonly<Record<string, Look>> = {
  light: {},
  dark: { scheme: "dark" },
  chinese: { language: "zh-CN" },
  "chinese-phone-dark": { language: "zh-CN", scheme: "dark", isPhone: true },
  phone: { isPhone: true },
};

/** What is there when a view is: in English and in Chinese. */
const VIEWS: readonly {
  readonly path: string;
  readonly name: string;
  readonly shown: readonly [string, string];
}[] = [
  { path: "/", name: "overview", shown: ["Circuit open", "熔断中"] },
  { path: "/lanes", name: "lanes", shown: ["Paused", "已暂停"] },
  { path: "/webhooks", name: "webhooks", shown: ["Delivered", "已送达"] },
];

const screens = createScreens({ after });
const flow = await startBusyFlow({ after });

describe("looks", { skip: NO_BROWSER }, () => {
  for (const { path, name, shown } of VIEWS) {
    for (const [look, settings] of Object.entries(LOOKS)) {
      test(`${name}, ${look}: nothing in the way of anybody`, async (t) => {
        const { page } = await screens.open(t, flow.url, path, settings);
        const text = shown[settings.language === "zh-CN" ? 1 : 0];
        await page.locator("main").getByText(text).first().waitFor();
        await assertAccessible(page);
        assert.equal(await isTooWide(page), false);
        await keepScreenshot(page, `${name}-${look}`);
      });
    }
  }
});

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
import { call, submit } from "../rig/client.ts";
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
  { path: "/tasks", name: "tasks", shown: ["/slow/report-0", "/slow/report-0"] },
  { path: "/tasks?status=cancelled", name: "cancelled-tasks", shown: ["/nightly/late", "/nightly/late"] },
  { path: "/tasks?q=nowhere", name: "no-tasks", shown: ["No task matches", "没有符合条件的任务"] },
  { path: "/tasks/@ended", name: "task", shown: ["HTTP 200", "HTTP 200"] },
  { path: "/tasks/@waiting", name: "waiting-task", shown: ["What it waits for", "正在等待"] },
  { path: "/submit", name: "submit", shown: ["Path and query", "路径和查询参数"] },
];

const screens = createScreens({ after });
const flow = await startBusyFlow({ after });
const late = await submit(flow.url, { path: "/nightly/late" });
await call(flow.url, { method: "POST", path: `/task/${late}/cancel` });

describe("looks", { skip: NO_BROWSER }, () => {
  for (const { path, name, shown } of VIEWS) {
    for (const [look, settings] of Object.entries(LOOKS)) {
      test(`${name}, ${look}: nothing in the way of anybody`, async (t) => {
        const { page } = await screens.open(t, flow.url, await resolve(flow.url, path), settings);
        const text = shown[settings.language === "zh-CN" ? 1 : 0];
        await page.locator("main").getByText(text).first().waitFor();
        await assertAccessible(page);
        assert.equal(await isTooWide(page), false);
        await keepScreenshot(page, `${name}-${look}`);
      });
    }
  }
});

/** `@ended` and `@waiting` are the latest of these. */
async function resolve(url: URL, path: string): Promise<string> {
  const query = path.endsWith("@ended") ? "path=/ok" : path.endsWith("@waiting") ? "status=pending" : null;
  if (query === null) return path;
  const { tasks } = (await call(url, { path: `/tasks?limit=1&${query}` })).json<{
    tasks: { task_id: string }[];
  }>();
  return `/tasks/${tasks[0]?.task_id}`;
}

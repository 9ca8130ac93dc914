// The dashboard in a real browser: Debian's chromium, driven by Playwright.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import type { Owner } from "./gateway.ts";
import { PATIENCE_MS } from "./patience.ts";

/** How somebody looks at it. */
export interface Look {
  readonly language?: "en-US" | "zh-CN";
  readonly scheme?: "light" | "dark";
  readonly isPhone?: boolean;
}

export interface Screen {
  readonly page: Page;
  /** What went wrong in the page so far: uncaught errors, errors on the console, violations of its security policy. */
  readonly faults: readonly string[];
  /** Faults that the test itself brings about, such as a call that is refused; every other fails it. */
  expectFaults(pattern: RegExp): void;
}

export interface Screens {
  /** A view of the dashboard at `url`, in a profile of its own. The test fails at its end for what went wrong in the page. */
  open(t: TestContext, url: URL, path?: string, look?: Look): Promise<Screen>;
}

const CHROMIUM = "/usr/bin/chromium";
const BUILT = new URL("../../dashboard/dist/index.html", import.meta.url);
const ARTIFACTS = fileURLToPath(new URL("../../test-artifacts/", import.meta.url));

/** Why tests in a browser are skipped, for `{ skip }`. */
export const NO_BROWSER: string | false = existsSync(CHROMIUM) ? false : `${CHROMIUM} is not installed`;

const ARGUMENTS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** One browser for a file of tests, started when the first needs it. */
export function createScreens(owner: Owner): Screens {
  let launched: Promise<Browser> | null = null;
  owner.after(async () => (await launched)?.close());

  return {
    async open(t, url, path = "/", look = {}) {
      assert.ok(existsSync(BUILT), "The dashboard is not built: ./test.sh browser builds it.");
      launched ??= chromium.launch({ executablePath: CHROMIUM, args: [...ARGUMENTS] });
      const page = await openPage(t, await launched, look);
      const screen = watch(t, page);
      await page.addInitScript(REPORT_VIOLATIONS);
      await page.goto(new URL(`/dashboard${path}`, url).href);
      return screen;
    },
  };
}

async function openPage(
  t: TestContext,
  browser: Browser,
  { language = "en-US", scheme = "light", isPhone = false }: Look,
): Promise<Page> {
  const context = await browser.newContext({
    locale: language,
    colorScheme: scheme,
    // Nothing is on its way from one colour to another while it is looked at.
    reducedMotion: "reduce",
    viewport: isPhone ? { width: 390, height: 844 } : { width: 1_360, height: 860 },
    ...(isPhone ? { isMobile: true, hasTouch: true, deviceScaleFactor: 2 } : {}),
  });
  context.setDefaultTimeout(PATIENCE_MS);
  t.after(() => context.close());
  return context.newPage();
}

function watch(t: TestContext, page: Page): Screen {
  const faults: string[] = [];
  const expected: RegExp[] = [];
  page.on("pageerror", (error) => faults.push(error.stack ?? error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !NOT_REACHED.test(message.text()))
      faults.push(`${message.text()} (${message.location().url})`);
  });
  t.after(() => {
    const unexpected = faults.filter((fault) => !expected.some((pattern) => pattern.test(fault)));
    assert.deepEqual(unexpected, [], "something went wrong in the page");
  });
  return { page, faults, expectFaults: (pattern) => void expected.push(pattern) };
}

/** A gateway that is away, as it is at the end of each test, is no fault of the page. */
const NOT_REACHED = /net::ERR_(?:CONNECTION|INCOMPLETE_CHUNKED|EMPTY_RESPONSE|NETWORK)/;

/** Chromium says on the console what its policy refuses a page, but not all of it. */
const REPORT_VIOLATIONS = `document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
  console.error("policy violated: " + violatedDirective + " " + blockedURI + " at " + sourceFile + ":" + lineNumber));`;

/** Zero violations of WCAG 2.2 A and AA, and of what axe-core holds to be best practice. */
export async function assertAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  // A rule that is broken often is told once.
  const violations: unknown = await page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(
    ({ violations }) => violations.map(({ id, nodes }) =>
      [id, nodes.length, ...nodes.slice(0, 2).flatMap(({ html, failureSummary }) => [html.slice(0, 300), failureSummary])]))`);
  assert.deepEqual(violations, []);
}

/** Kept in test-artifacts/. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await mkdir(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: `${ARTIFACTS}${name}.png` });
}

/** Whether the page is wider than the screen, so that one would have to push it to and fro. */
export function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(
    "document.documentElement.scrollWidth > document.documentElement.clientWidth",
  );
}

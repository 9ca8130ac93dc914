// Whatever clients and targets say is text in every view: nothing of it runs, and nothing of it is taken for a tag or a link.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { createScreens, NO_BROWSER, type Screen } from "../rig/browser.ts";
import { call, eventually, outcome } from "../rig/client.ts";
import { type Gateway, type Owner, startGateway } from "../rig/gateway.ts";
import { createOwner } from "../rig/owner.ts";
import { PAYLOADS } from "./payloads.ts";

/** What a payload would leave behind if it ran; and what would be there if one had become more than text. */
const RAN = "window.__xss ?? null";
const MADE = `document.querySelectorAll("main script, main iframe, main object, main embed, main svg[onload], main math, main form[action], [onerror], [onload], [onclick], [onfocus], [ontoggle], a[href^='javascript:' i], a[href^='data:' i], base:not(head > base)").length`;

/** Answers with the payload that the request names: as a header field, as text and as its own idea of a page. */
async function startTarget(owner: Owner): Promise<string> {
  const server = createServer((request, response) => {
    const payload = PAYLOADS[Number(/\d+/.exec(request.url ?? "")?.[0])] ?? "";
    const { "headgate-progress-url": url, "headgate-progress-token": token } = request.headers;
    const said = JSON.stringify({ percent: 50, message: payload });
    const headers = { "Content-Type": "application/json", "Headgate-Progress-Token": String(token) };
    void fetch(String(url), { method: "PUT", headers, body: said }).finally(() => {
      const status = Number(request.url?.includes("fail")) === 1 ? 500 : 200;
      response.writeHead(status, {
        "Content-Type": "text/html; charset=utf-8",
        "X-Payload": encodeURI(payload)
          .replaceAll("%20", " ")
          .replaceAll("%22", '"')
          .replaceAll("%3C", "<")
          .replaceAll("%3E", ">"),
      });
      response.end(payload);
    });
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  owner.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Visible ASCII only, as HTTP has it; the rest in bytes that a hostile client might send. */
function asField(payload: string): string {
  return payload.replaceAll(/[^\t -~]/g, " ").trim();
}

/** Into each place where a client can put something. */
async function send(url: URL, number: number, payload: string): Promise<string> {
  const field = asField(payload);
  const path = `/${number % 2 === 0 ? "ok" : "fail"}/${number}?q=${field.replaceAll(/[\s#]/g, "+")}`;
  const label = field.replaceAll(/[,;=\s]/g, "_").slice(0, 60);
  const headers = ["Content-Type", "text/html", "X-Payload", field, "User-Agent", field];
  const marks = ["Headgate-Client", field.slice(0, 60), "Headgate-Label", `note=${label}`];
  const request = { method: "POST", path, body: payload };
  const marked = await call(url, { ...request, headers: [...headers, ...marks] });
  // Where a name is refused, the rest is sent all the same.
  const answer = marked.status === 202 ? marked : await call(url, { ...request, headers });
  assert.equal(answer.status, 202, `${payload}: ${answer.text}`);
  return answer.json().task_id;
}

async function assertHarmless({ page, faults }: Screen, what: string): Promise<void> {
  assert.equal(await page.evaluate(RAN), null, `${what} ran`);
  assert.equal(await page.evaluate(MADE), 0, `${what} became more than text`);
  const unexpected = faults.filter((fault) => !/500 \(Internal/.test(fault));
  assert.deepEqual(unexpected, [], what);
}

/** JSON is shown with lines of its own. */
function bare(text: string): string {
  return text.replaceAll(/\s/g, "");
}

function watchDialogs(page: Page): readonly string[] {
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("popup", (popup) => dialogs.push(`popup ${popup.url()}`));
  return dialogs;
}

describe("what others say", { skip: NO_BROWSER }, () => {
  const screens = createScreens({ after });
  const owner = createOwner({ after });
  let gateway: Gateway;
  const ids: string[] = [];
  before(async () => {
    gateway = await startGateway(owner, { target: await startTarget(owner) });
    for (const [number, payload] of PAYLOADS.entries()) ids.push(await send(gateway.url, number, payload));
    await Promise.all(ids.map((id) => outcome(gateway.url, id)));
  });

  test("there are enough of them", () => {
    assert.ok(new Set(PAYLOADS).size >= 60, String(new Set(PAYLOADS).size));
  });

  test("the lists show it as text", async (t) => {
    const screen = await screens.open(t, gateway.url, "/tasks");
    const dialogs = watchDialogs(screen.page);
    for (const path of ["/", "/tasks", "/lanes", "/webhooks", "/submit"]) {
      await screen.page.goto(new URL(`/dashboard${path}`, gateway.url).href);
      await screen.page.getByRole("heading", { level: 1 }).waitFor();
      if (path === "/tasks") await screen.page.getByRole("row").nth(10).waitFor();
      await assertHarmless(screen, path);
    }
    for (const payload of PAYLOADS.slice(0, 12)) {
      const search = new URLSearchParams({ q: payload, client: payload, label: `note=${payload}` });
      await screen.page.goto(new URL(`/dashboard/tasks?${String(search)}`, gateway.url).href);
      await screen.page.getByRole("heading", { level: 1 }).waitFor();
      await assertHarmless(screen, `a link with ${payload}`);
    }
    assert.deepEqual(dialogs, []);
  });

  test("a task shows it as text, whatever it claims to be", { timeout: 280_000 }, async (t) => {
    const screen = await screens.open(t, gateway.url, "/tasks");
    screen.expectFaults(/500 \(Internal Server Error\)/);
    const { page } = screen;
    const dialogs = watchDialogs(page);
    for (const [number, id] of ids.entries()) {
      // Within the page, as a reader goes from one to the next.
      await page.evaluate(`history.pushState({}, "", "/dashboard/tasks/${id}")`);
      await page.getByText(id).first().waitFor();
      // Both bodies are there, to the letter, and the message that the target reported.
      const payload = PAYLOADS[number] ?? "";
      const bodies = page.locator("main pre");
      await bodies.nth(1).waitFor();
      const isText = !payload.includes("\0");
      if (isText) {
        await page.getByText(payload.trim()).first().waitFor();
        for (const text of await bodies.allTextContents()) assert.equal(bare(text), bare(payload));
      }
      await assertHarmless(screen, payload);
    }
    assert.deepEqual(dialogs, []);
  });

  test("a request is taken into the form as it was", async (t) => {
    const screen = await screens.open(t, gateway.url, `/submit?from=${ids[0]}`);
    for (const [number, id] of ids.entries()) {
      if (number % 5 !== 0) continue;
      await screen.page.goto(new URL(`/dashboard/submit?from=${id}`, gateway.url).href);
      const path = screen.page.getByRole("textbox", { name: "Path and query" });
      await eventually(
        () => path.inputValue(),
        (value) => value.includes(`/${number}?q=`),
      );
      await assertHarmless(screen, String(PAYLOADS[number]));
    }
  });
});

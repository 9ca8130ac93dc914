// One task: what was asked, what was answered, and what may be done to it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { raw } from "../rig/behaviour.ts";
import { createScreens, NO_BROWSER } from "../rig/browser.ts";
import { call, look, outcome, run, submit } from "../rig/client.ts";
import { type Flow, startFlow } from "../rig/flow.ts";
import { createOwner } from "../rig/owner.ts";

const ROUTES = (target: string): string => `
target: ${target}
routes:
  - {name: nightly, match: /nightly/*, target: "${target}"}
  - name: flaky
    match: /status/503
    target: "${target}"
    idempotent: true
    retry: {attempts: 2, on: [503], backoff: {initial: 10ms, max: 10ms, jitter: none}}
`;

function answer(type: string, body: string | Buffer): ReturnType<typeof raw> {
  const head = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return raw(head, body);
}

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=",
  "base64",
);

async function more(page: Page, action: string): Promise<void> {
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: action }).click();
}

describe("one task", { skip: NO_BROWSER }, () => {
  const screens = createScreens({ after });
  const owner = createOwner({ after });
  let flow: Flow;
  before(async () => {
    flow = await startFlow(owner, 1, ROUTES);
    await call(flow.url, { method: "POST", path: "/lanes/nightly/pause" });
  });

  test("attempts and pauses stand in order, with what came of each", async (t) => {
    const headers = ["a", "b", "c", "d", "e", "f"].flatMap((name) => [`X-${name}`, "1"]);
    const { task_id } = await run(flow.url, { path: "/status/503", body: "x", headers });
    const { page, expectFaults } = await screens.open(t, flow.url, `/tasks/${task_id}`);
    // The target's answer comes with its status.
    expectFaults(/503 \(Service Unavailable\)/);
    await page.getByRole("heading", { name: "Answer · HTTP 503" }).waitFor();
    const lines = (await page.getByRole("listitem").allTextContents()).map((line) => line.split(" · ")[0]);
    assert.deepEqual(lines, ["Waiting", "Attempt 1", "Backoff", "Attempt 2"]);
    const why = page.getByRole("alert").filter({ hasText: "The target answered with an error" });
    await why.getByText("The target answered with status 503.").waitFor();
    // Many header fields are folded up, so that the body is in sight.
    const field = page.getByText("X-a", { exact: true });
    await field.waitFor({ state: "attached" });
    assert.equal(await field.isVisible(), false);
    await page
      .getByText(/^Header fields \(\d+\)/)
      .first()
      .click();
    await field.waitFor();
  });

  test("bodies are read as JSON, text, hex or a picture", async (t) => {
    const sent = `{"id":12345678901234567890,"name":"Ada"}`;
    flow.targets[0]?.next(answer("image/png", PIXEL));
    const { task_id } = await run(flow.url, { path: "/picture", body: sent });
    const { page } = await screens.open(t, flow.url, `/tasks/${task_id}`);
    // As it was sent: no number is rounded.
    await page.getByText(`"id": 12345678901234567890,`).waitFor();
    await page.getByText("Text", { exact: true }).click();
    await page.getByText(sent).waitFor();
    await page.getByText("Hex", { exact: true }).first().click();
    await page.getByText("00000000  7b 22 69 64").waitFor();
    const picture = page.getByRole("img", { name: "Image" });
    await picture.waitFor();
    const isDrawn = "(image) => image.decode().then(() => image.naturalWidth === 1)";
    assert.equal(await picture.evaluate(`(${isDrawn})(document.querySelector("main img"))`), true);
  });

  test("an answer is saved to the byte", async (t) => {
    const bytes = Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 7) % 256));
    flow.targets[0]?.next(answer("text/html", bytes));
    const { task_id } = await run(flow.url, { path: "/bytes" });
    const { page } = await screens.open(t, flow.url, `/tasks/${task_id}`);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download: Answer" }).click();
    const download = await saving;
    assert.equal(download.suggestedFilename(), `${task_id}-response`);
    assert.deepEqual(await readFile(await download.path()), bytes);
  });

  const bodies: Readonly<Record<string, string | Uint8Array>> = {
    "a text that a shell would take apart": `it's $HOME \`id\` "\\n" %s !! \n\n- 名字`,
    "bytes that are no text": new Uint8Array([0, 255, 10, 39, 128, 13]),
    "a text with a byte order mark": "\uFEFFa",
    nothing: "",
  };
  for (const [kind, body] of Object.entries(bodies)) {
    test(`a copied command sends it again: ${kind}`, async (t) => {
      const path = "/ok/[1-2]/{a,b}?q='%27&x=$(id)";
      const headers = ["X-Odd", `a'b"c $HOME`, "X-Empty", ""];
      const first = await run(flow.url, { path, headers, body });
      const { page } = await screens.open(t, flow.url, `/tasks/${first.task_id}`);
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await more(page, "Copy as curl");
      await page.getByText("Copied", { exact: true }).waitFor();
      const command = await page.evaluate<string>("navigator.clipboard.readText()");
      const { stdout } = await promisify(execFile)("/bin/sh", ["-c", command]);
      const again = await outcome(flow.url, (JSON.parse(stdout) as { task_id: string }).task_id);
      assert.notEqual(again.task_id, first.task_id);
      type Seen = { path: string; sha256: string; headers: string[] };
      const [one, two] = [first, again].map(({ result }) => result as Seen);
      assert.deepEqual([two?.path, two?.sha256], [one?.path, one?.sha256]);
      for (const name of ["X-Odd", "X-Empty", "Content-Type"]) {
        const value = (seen: Seen | undefined) => seen?.headers[seen.headers.indexOf(name) + 1];
        if (one?.headers.includes(name)) assert.equal(value(two), value(one));
        else assert.equal(two?.headers.includes(name), false, name);
      }
    });
  }

  test("one that waits says so, changes its priority and is cancelled", async (t) => {
    const id = await submit(flow.url, { path: "/nightly/1" });
    const { page } = await screens.open(t, flow.url, `/tasks/${id}`);
    await page.getByText("its lane is paused").waitFor();
    await more(page, "Change priority");
    const dialog = page.getByRole("dialog", { name: "Change priority" });
    await dialog.getByRole("textbox", { name: "Priority" }).fill("8");
    await dialog.getByRole("button", { name: "Change priority" }).click();
    await page.getByText("Priority changed").waitFor();
    assert.equal((await look(flow.url, id)).priority, 8);
    await page.getByRole("button", { name: "Cancel" }).click();
    const question = page.getByRole("dialog", { name: "Cancel this task?" });
    await question.getByText("POST /nightly/1").waitFor();
    await question.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Task cancelled").waitFor();
    await page.getByText("There is no answer.").waitFor();
    assert.equal((await look(flow.url, id)).status, "cancelled");
  });

  test("one that has ended runs again, and is deleted", async (t) => {
    const { task_id } = await run(flow.url, { path: "/ok/again", body: "x" });
    const { page, expectFaults } = await screens.open(t, flow.url, `/tasks/${task_id}`);
    // Looked for once more when its end is told.
    expectFaults(/404 \(Not Found\)/);
    await page.getByRole("button", { name: "Retry" }).click();
    await page.getByText("Runs again as a new task").waitFor();
    await page.getByRole("link", { name: `Repeats ${task_id}` }).click();
    await page.waitForURL(`**/tasks/${task_id}`);
    await more(page, "Delete");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.waitForURL("**/dashboard/tasks");
    assert.equal((await call(flow.url, { path: `/task/${task_id}` })).status, 404);
  });

  test("one that there is not", async (t) => {
    const { page, expectFaults } = await screens.open(
      t,
      flow.url,
      "/tasks/01890000-0000-7000-8000-000000000000",
    );
    expectFaults(/404 \(Not Found\)/);
    await page.getByText("There is no such task").waitFor();
  });

  test("an answer that asks for a key is the target's and no question to the reader", async (t) => {
    flow.targets[0]?.next(
      raw(
        "HTTP/1.1 401 No\r\nContent-Type: application/problem+json\r\nContent-Length: 37\r\n\r\n",
        `{"code":"unauthorized","detail":"x" } `,
      ),
    );
    const { task_id } = await run(flow.url, { path: "/locked" });
    const { page, expectFaults } = await screens.open(t, flow.url, `/tasks/${task_id}`);
    expectFaults(/401 \(Unauthorized\)/);
    await page.getByRole("heading", { name: "Answer · HTTP 401" }).waitFor();
    await page.getByText(`"detail"`).waitFor();
    assert.equal(await page.getByRole("dialog").count(), 0);
  });
});

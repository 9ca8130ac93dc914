// How much is loaded, how far one scrolls, and how much may happen at once without the page standing still.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { createScreens, NO_BROWSER } from "../rig/browser.ts";
import { call, eventually, run } from "../rig/client.ts";
import { type Gateway, type Owner, startGateway } from "../rig/gateway.ts";
import { longestTask, told } from "../rig/main-thread.ts";
import { createOwner } from "../rig/owner.ts";
import { startTarget } from "../rig/target.ts";

const TASKS = 1_000_000;
const MOST_SCRIPT_BYTES = 190_000;
const LONGEST_TASK_MS = 200;
const EVENTS_PER_SECOND = 1_000;
const SECONDS = 5;
/** As often as the gateway tells news. */
const TELL_EVERY_MS = 50;

/** One task as the gateway made it, copied in the database: through the API a million would take minutes. */
function multiply(dataDir: string): void {
  using db = new DatabaseSync(join(dataDir, "headgate.db"));
  const names = db
    .prepare("SELECT name FROM pragma_table_info('task')")
    .all()
    .map(({ name }) => String(name));
  const made: Readonly<Record<string, string>> = {
    seq: "task.seq + n",
    id: "printf('01890000-0000-7000-8000-%012x', n)",
    path: "'/million/' || n",
  };
  db.exec(`
    BEGIN;
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${TASKS})
      INSERT INTO task (${names.join(", ")})
      SELECT ${names.map((name) => made[name] ?? `task.${name}`).join(", ")} FROM numbers, (SELECT * FROM task LIMIT 1) task;
    UPDATE tally SET count = count + ${TASKS} WHERE key IN ('completed', 'total_completed', 'total_accepted');
    COMMIT;
  `);
}

async function startMillion(owner: Owner): Promise<Gateway> {
  const target = await startTarget();
  owner.after(() => target.close());
  const gateway = await startGateway(owner, { target: target.url });
  await run(gateway.url, { path: "/ok" });
  gateway.kill("SIGTERM");
  await gateway.exited;
  multiply(gateway.dataDir);
  await gateway.restart();
  return gateway;
}

/** Stands before the gateway, and tells of its own what happens: as much a second, whatever this machine can do. */
async function startTeller(owner: Owner, gateway: URL): Promise<URL> {
  const { tasks } = (await call(gateway, { path: "/tasks?limit=50" })).json<{
    tasks: { task_id: string }[];
  }>();
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/events") !== true) {
      void fetch(new URL(request.url ?? "/", gateway), { headers: { "Accept-Encoding": "identity" } }).then(
        (answer) => {
          const { "content-length": _, ...headers } = Object.fromEntries(answer.headers);
          response.writeHead(answer.status, headers);
          // What has ended does not change any more.
          if (request.url?.startsWith("/tasks") === true) {
            void answer.text().then((text) => response.end(text.replaceAll('"completed"', '"pending"')));
          } else if (answer.body === null) response.end();
          else Readable.fromWeb(answer.body as never).pipe(response);
        },
      );
      return;
    }
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.flushHeaders();
    let number = 0;
    const timer = setInterval(() => {
      let text = "";
      for (let i = 0; i < (EVENTS_PER_SECOND * TELL_EVERY_MS) / 1_000; i++) {
        number += 1;
        // New ones, and what becomes of those that are shown.
        const isNew = number % 3 === 0;
        const task_id = isNew ? `new-${number}` : tasks[number % tasks.length]?.task_id;
        const state = isNew ? NEW : STARTED;
        const data = JSON.stringify({
          task_id,
          route: "default",
          client: "",
          at: new Date().toISOString(),
          ...state,
        });
        text += `id: teller-${number}\nevent: state\ndata: ${data}\n\n`;
      }
      response.write(text);
    }, TELL_EVERY_MS);
    response.once("close", () => clearInterval(timer));
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  owner.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

const NEW = { status: "pending", reason: "queued", attempt: null };
const STARTED = { status: "processing", reason: "running", attempt: 1 };

const LOADED_SCRIPTS = `performance.getEntriesByType("resource")
  .flatMap(({ name }) => /\\/assets\\/([^/]+\\.js)$/.exec(name)?.[1] ?? [])`;

const SCROLLER = "document.querySelector('[role=rowgroup][tabindex]')";

/** Of each row its number, 1 for the head, and the task that its link names. */
const DRAWN = `[...document.querySelectorAll("[role=row][aria-rowindex]")].flatMap((row) =>
  [...row.querySelectorAll("a")].slice(0, 1).map((link) => [Number(row.ariaRowIndex), link.textContent]))`;

describe("performance of the dashboard", { skip: NO_BROWSER }, () => {
  const screens = createScreens({ after });
  const owner = createOwner({ after });
  let gateway: Gateway;
  before(
    async () => {
      const start = performance.now();
      gateway = await startMillion(owner);
      console.log(`${TASKS} tasks made in ${Math.round(performance.now() - start)} ms`);
    },
    { timeout: 240_000 },
  );

  for (const [path, shown] of [
    ["/", "canvas"],
    ["/tasks", "[role=row] a"],
  ] as const) {
    test(`${path} loads little`, async (t) => {
      const { page } = await screens.open(t, gateway.url, path);
      await page.locator(shown).first().waitFor();
      const names = await page.evaluate<readonly string[]>(LOADED_SCRIPTS);
      const assets = new URL("../../dashboard/dist/assets/", import.meta.url).pathname;
      const bytes = names.reduce((sum, name) => sum + statSync(`${assets}${name}.br`).size, 0);
      console.log(`${path}: ${names.length} scripts, ${(bytes / 1_024).toFixed(1)} KiB with brotli`);
      assert.ok(names.length > 1);
      assert.ok(bytes <= MOST_SCRIPT_BYTES, `${bytes} bytes`);
    });
  }

  test(
    "a million tasks are scrolled through page by page, a few rows at a time",
    { timeout: 240_000 },
    async (t) => {
      const { page } = await screens.open(t, gateway.url, "/tasks");
      await page.getByRole("link", { name: `/million/${TASKS}`, exact: false }).waitFor();
      const rows = () => page.evaluate<number>("document.querySelectorAll('[role=row]').length");
      const height = () => page.evaluate<number>(`${SCROLLER}.scrollHeight`);
      const rowHeight = await page.evaluate<number>(
        "document.querySelector('[aria-rowindex=\"2\"]').offsetHeight",
      );
      const pages = 30;
      const start = performance.now();
      const longest = await longestTask(page, async () => {
        for (let i = 1; i < pages; i++) {
          const before = await height();
          await page.evaluate(`${SCROLLER}.scrollTo(0, ${SCROLLER}.scrollHeight)`);
          // By a page, and not by the line that says that one is loaded.
          await eventually(height, (now) => now > before + 50 * rowHeight);
          assert.ok((await rows()) < 60, "only what is in view is drawn");
        }
      });
      const perPageMs = (performance.now() - start) / (pages - 1);
      // One may have been loaded ahead: how far it has come is seen by the rows, each of which is the one of its place.
      const drawn = await eventually(
        () => page.evaluate<readonly (readonly [index: number, path: string])[]>(DRAWN),
        (all) => Math.max(...all.map(([index]) => index)) > 100 * (pages - 1),
      );
      for (const [index, text] of drawn) assert.match(text, new RegExp(`/million/${TASKS - index + 2}$`));
      console.log(`scrolled ${pages * 100} rows: ${perPageMs.toFixed(0)} ms a page of 100, ${told(longest)}`);
      assert.ok(longest.computedMs <= LONGEST_TASK_MS, told(longest));
    },
  );

  for (const path of ["/", "/tasks"]) {
    test(`a thousand events a second do not stop ${path}`, { timeout: 240_000 }, async (t) => {
      const { page } = await screens.open(t, await startTeller(t, gateway.url), path);
      await page.getByText("Live", { exact: true }).waitFor();
      await page.getByRole("heading", { level: 1 }).waitFor();
      let frames = 0;
      const longest = await longestTask(page, async () => {
        frames = await page.evaluate<number>(`new Promise((resolve) => {
          let frames = 0;
          const end = performance.now() + ${SECONDS * 1_000};
          requestAnimationFrame(function frame(now) {
            frames += 1;
            if (now < end) requestAnimationFrame(frame);
            else resolve(frames);
          });
        })`);
      });
      console.log(
        `${path}: ${EVENTS_PER_SECOND} events/s for ${SECONDS} s: ${(frames / SECONDS).toFixed(0)} frames/s, ${told(longest)}`,
      );
      if (path === "/tasks") await page.getByText("Processing").nth(8).waitFor();
      assert.ok(longest.computedMs <= LONGEST_TASK_MS, told(longest));
    });
  }
});

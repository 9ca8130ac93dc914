// Every example of the documentation, done as a reader would: the file, the program, the commands.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { agrees, type Example, readPage, type Unrun } from "../rig/examples.ts";
import { startGateway } from "../rig/gateway.ts";
import { runStep, startShown } from "../rig/reader.ts";
import { missing } from "../rig/service.ts";
import { startTarget } from "../rig/target.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Made by programs; their blocks are held against what they are made from. */
const GENERATED = new Set(["docs/configuration.md", "docs/api.md"]);

const PAGES = [
  ...readdirSync(ROOT).filter((name) => /^README.*\.md$/.test(name)),
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
    .filter((path) => !GENERATED.has(path)),
];

/** Where a page shows no file: one service, as the README starts it. */
const PLAIN = "target: http://10.0.0.1:8000\n";

const SERVICE = /http:\/\/(?!localhost\b)[\w.]+:\d+/g;

for (const path of PAGES) {
  const { examples, unrun } = readPage(readFileSync(join(ROOT, path), "utf8"));
  const skip = missing("jq") || missing("pytest") || missing("fastapi") || missing("sqlite3");
  if (examples.length > 0) {
    describe(path, { skip, concurrency: 1 }, () => {
      for (const example of examples) test(example.title, (t) => follow(t, example));
    });
  }
  for (const [number, block] of unrun.entries()) {
    test(`${path}: block ${number + 1} of those not run, ${block.reason}`, () => parseBlock(block));
  }
}

test("every link of the documentation leads to a file, and to a heading of it", () => {
  const wrong = PAGES.flatMap((path) => brokenLinks(path).map((link) => `${path}: ${link}`));
  assert.deepEqual(wrong, []);
});

async function follow(t: TestContext, { file, services, steps }: Example): Promise<void> {
  const names = new Map<string, string>();
  for (const shown of services) names.set(shown.origin, (await startShown(t, shown)).url.origin);
  // Every other service that the example names is there, too, on a port of its own.
  for (const origin of new Set([file ?? PLAIN, ...steps.map(({ code }) => code)].join("\n").match(SERVICE))) {
    if (names.has(origin)) continue;
    const target = await startTarget();
    t.after(() => target.close());
    names.set(origin, target.url.origin);
  }
  const rename = (text: string): string =>
    [...names].reduce((all, [name, here]) => all.replaceAll(name, here), text);
  const gateway = await startGateway(t, { file: rename(file ?? PLAIN) });
  names.set("/opt/headgate/", ROOT);
  names.set("/var/lib/headgate", gateway.dataDir);
  names.set("/var/backups", await temporaryFolder(t));
  for (const step of steps) {
    const { code, printed } = await runStep(step, gateway, rename);
    const told = `$ ${step.code}\n${printed}`;
    if (step.output === null) assert.equal(code, 0, told);
    else assert.ok(agrees(printed, step.output), `${told}\nthe page says\n${step.output}`);
  }
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "headgate-reader-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function parseBlock({ language, text }: Unrun): void {
  switch (language) {
    case "sh":
    case "bash":
      assert.equal(spawnSync(`/bin/${language}`, ["-n"], { input: text }).status, 0);
      return;
    case "yaml":
    case "yml":
      assert.deepEqual(
        parseAllDocuments(text).flatMap(({ errors }) => errors),
        [],
      );
      return;
    case "json":
      JSON.parse(text);
      return;
    // A drawing, or what is printed.
    case "":
      return;
    default:
      assert.fail(`nothing here can parse ${language}`);
  }
}

function brokenLinks(path: string): readonly string[] {
  const folder = new URL(path, `file://${ROOT}`);
  const text = readFileSync(folder, "utf8").replaceAll(/^```.*?^```$/gms, "");
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    // Made by the browser tests.
    if (link.includes("docs/images/") && !existsSync(join(ROOT, "docs/images"))) return false;
    const url = new URL(link, folder);
    const there = fileURLToPath(new URL(url.pathname, folder));
    if (!existsSync(there)) return true;
    return url.hash !== "" && !anchorsOf(there).has(decodeURIComponent(url.hash.slice(1)));
  });
}

/** As GitHub makes them of headings. */
function anchorsOf(path: string): ReadonlySet<string> {
  const headings = readFileSync(path, "utf8").match(/^#+ .*$/gm) ?? [];
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/^#+ /, "")
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

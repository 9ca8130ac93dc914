// Guards over the sources: layers, cycles, drivers, length, and what has only one home. Each is also shown something
// broken, because a guard that cannot fire guards nothing.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  barrels,
  cycles,
  drivers,
  empties,
  extensions,
  type Guard,
  homes,
  layers,
  lengths,
  MAX_LINES,
} from "./architecture/guards.ts";
import type { Sources } from "./architecture/source.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (...patterns: string[]): Sources =>
  new Map(
    patterns
      .flatMap((pattern) =>
        globSync(pattern, { cwd: root, exclude: ["**/node_modules/**", "**/generated/**"] }),
      )
      .toSorted()
      .map((path) => [path.replaceAll("\\", "/"), readFileSync(`${root}${path}`, "utf8")]),
  );

const src = read("src/**/*.ts");
const everything = read("src/**/*.ts", "test/**/*.ts", "bench/**/*.ts");

type Files = Readonly<Record<string, string>>;

/** Shows the guard each broken set of files (it must fire once, with these words) and each sound one (it must not). */
function guards(
  name: string,
  guard: Guard,
  real: Sources,
  broken: readonly [RegExp, Files][],
  sound: readonly Files[],
): void {
  describe(name, () => {
    test("holds in this repository", () => assert.deepEqual(guard(real), []));
    for (const [words, files] of broken) {
      test(`fires on ${JSON.stringify(Object.values(files)[0]).slice(0, 60)} in ${Object.keys(files)[0]}`, () => {
        const problems = guard(new Map(Object.entries(files)));
        assert.equal(problems.length, 1, problems.join("\n"));
        assert.match(problems[0]!, words);
      });
    }
    for (const files of sound) {
      test(`accepts ${JSON.stringify(Object.values(files)[0]).slice(0, 60)} in ${Object.keys(files)[0]}`, () =>
        assert.deepEqual(guard(new Map(Object.entries(files))), []));
    }
  });
}

guards(
  "layers",
  layers,
  src,
  [
    [/lib may not import task/, { "src/lib/loop.ts": 'import type { Task } from "../task/task.ts";' }],
    [/task may not import store/, { "src/task/task.ts": 'import { x } from "../store/store.ts";' }],
    [/config may not import store/, { "src/config/load.ts": 'import { x } from "../store/store.ts";' }],
    [
      /store may not import config/,
      { "src/store/open.ts": 'import type { Options } from "../config/options.ts";' },
    ],
    [
      /intake may not import dispatch/,
      { "src/intake/enqueue.ts": 'import type { D } from "../dispatch/dispatch.ts";' },
    ],
    [/result may not import target/, { "src/result/settle.ts": 'export { send } from "../target/send.ts";' }],
    [/as types only/, { "src/api/stats.ts": 'import { options } from "../config/options.ts";' }],
    [/as types only/, { "src/api/stats.ts": 'import { type Options } from "../config/options.ts";' }],
    [/its contract only/, { "src/dispatch/dispatch.ts": 'import { open } from "../store/open.ts";' }],
    [
      /target may not import store/,
      { "src/target/send.ts": 'import type { Store } from "../store/store.ts";' },
    ],
    [/server may not import cli/, { "src/server/app.ts": 'await import("../cli/main.ts");' }],
    [/cli may not import store/, { "src/cli/serve.ts": 'import { open } from "../store/open.ts";' }],
    [/is no layer/, { "src/utils/text.ts": 'import { x } from "../lib/clock.ts";' }],
    [/outside src/, { "src/api/page.ts": 'import { x } from "../../client/index.ts";' }],
    [
      /task may not import store/,
      { "src/task/t.ts": 'new Worker(new URL("../store/worker.ts", import.meta.url));' },
    ],
  ],
  [
    { "src/task/task.ts": 'import { clock } from "../lib/clock.ts";\nimport { z } from "zod";' },
    { "src/intake/enqueue.ts": 'import type { Options } from "../config/options.ts";' },
    { "src/api/list.ts": 'import type { Store } from "../store/store.ts";' },
    {
      "src/server/app.ts":
        'import { open } from "../store/open.ts";\nimport { send } from "../target/send.ts";',
    },
    { "src/cli/tail.ts": 'import { connect } from "../../client/client.ts";' },
    {
      "src/intake/a.ts":
        '// import { x } from "../dispatch/dispatch.ts";\nconst t = "from \\"../target/send.ts\\"";',
    },
  ],
);

guards(
  "drivers",
  drivers,
  src,
  [
    [/store\/sqlite\//, { "src/store/instrumented.ts": 'import { x } from "./sqlite/sqlite.ts";' }],
    [/store\/sqlite\//, { "src/server/app.ts": 'import type { X } from "../store/sqlite/sqlite.ts";' }],
    [/store\/sqlite\//, { "src/store/postgres/claim.ts": 'import { x } from "../sqlite/claim.ts";' }],
  ],
  [
    { "src/store/open.ts": 'import { openSqlite } from "./sqlite/open.ts";' },
    {
      "src/store/sqlite/claim.ts": 'import { x } from "./row.ts";\nimport type { Store } from "../store.ts";',
    },
  ],
);

guards(
  "no import cycles",
  cycles,
  everything,
  [
    [
      /a\.ts → src\/task\/b\.ts → src\/task\/a\.ts/,
      { "src/task/a.ts": 'import "./b.ts";', "src/task/b.ts": 'import "./a.ts";' },
    ],
    [
      /import cycle/,
      {
        "src/task/a.ts": 'import type { B } from "./b.ts";',
        "src/task/b.ts": 'import type { A } from "./a.ts";',
      },
    ],
    [/import cycle/, { "src/task/a.ts": 'export * from "./a.ts";' }],
  ],
  [
    {
      "src/task/a.ts": 'import "./b.ts";\nimport "./c.ts";',
      "src/task/b.ts": 'import "./c.ts";',
      "src/task/c.ts": "",
    },
    {
      "src/store/sqlite/open.ts": 'new Worker(new URL("./worker.ts", import.meta.url));',
      "src/store/sqlite/worker.ts": 'import type { M } from "./open.ts";',
    },
  ],
);

guards(
  "imports end in .ts",
  extensions,
  everything,
  [
    [/does not end/, { "src/task/a.ts": 'import { b } from "./b";' }],
    [/does not end/, { "src/task/a.ts": 'import { b } from "./b.js";' }],
  ],
  [{ "src/task/a.ts": 'import { b } from "./b.ts";\nimport fs from "node:fs";' }],
);

guards(
  "no barrels",
  barrels,
  src,
  [
    [/index\.ts re-exports/, { "src/task/index.ts": 'export { a } from "./a.ts";\nexport const b = 1;' }],
    [/export \*/, { "src/task/task.ts": 'export * from "./a.ts";\nexport const b = 1;' }],
    [
      /only re-exports/,
      { "src/task/all.ts": '// all of it\nexport { a } from "./a.ts";\nexport type { B } from "./b.ts";' },
    ],
  ],
  [{ "src/task/task.ts": 'export type { A } from "./a.ts";\nexport const b = 1;' }],
);

guards(
  "file length",
  lengths,
  everything,
  [[/251 lines/, { "src/task/a.ts": "x;\n".repeat(MAX_LINES + 1) }]],
  [
    { "src/task/a.ts": "x;\n".repeat(MAX_LINES) },
    { "src/task/a.ts": `// @generated by a program\n${"x;\n".repeat(MAX_LINES)}` },
  ],
);

guards(
  "no empty files",
  empties,
  src,
  [[/no code/, { "src/task/a.ts": "\n// to do\n" }]],
  [{ "src/task/a.ts": "export const a = 1;" }],
);

guards(
  "one home each",
  homes,
  src,
  [
    [/Date\.now/, { "src/task/a.ts": "const t = Date.now();" }],
    [/Date\.now/, { "src/config/environment.ts": "const t = `${Date.now()}`;" }],
    [/new Date\(\)/, { "src/task/a.ts": "const t = new Date();" }],
    [/performance\.now/, { "src/task/a.ts": "const f = performance.now;" }],
    [/process\.hrtime/, { "src/task/a.ts": "process.hrtime.bigint();" }],
    [/process\.env/, { "src/task/a.ts": "const home = process.env.HOME;" }],
    [/console/, { "src/task/a.ts": 'console.log("hello");' }],
  ],
  [
    { "src/lib/clock.ts": "export const now = () => Date.now() + performance.now();" },
    { "src/config/environment.ts": "export const env = process.env;" },
    { "src/cli/terminal.ts": "export const say = console.log;" },
    {
      "src/task/a.ts":
        'const iso = new Date(createdAtMs); // not Date.now()\nconst s = "process.env console.log";',
    },
  ],
);

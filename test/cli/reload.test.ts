import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pino } from "pino";
import { followConfig } from "../../src/cli/reload.ts";
import type { Config } from "../../src/config/config.ts";
import { type Loaded, loadConfig } from "../../src/config/load.ts";

type Line = Readonly<Record<string, unknown>> & { readonly msg: string };

interface Running {
  readonly path: string;
  readonly reloaded: readonly Config[];
  /** The lines logged since it was last asked, when there are so many. */
  lines(count: number): Promise<readonly Line[]>;
}

/** A server that takes every configuration, and says that `late` options need a restart. */
function run(t: TestContext, withFile: boolean, late: readonly string[] = []): Running & { stop(): void } {
  const folder = mkdtempSync(join(tmpdir(), "headgate-reload-"));
  const path = join(folder, "headgate.yaml");
  writeFileSync(path, "target: http://first\nroutes: [{match: /a}, {match: /b}]\n");
  const flags = new Map(withFile ? [["config", "headgate.yaml"]] : [["target", "http://first"]]);
  const load = (): Loaded => loadConfig({ flags, environment: {}, cwd: folder, terminal: false });
  const reloaded: Config[] = [];
  const logged: Line[] = [];
  let onLine = (): void => undefined;
  const write = (text: string): void => {
    logged.push(JSON.parse(text));
    onLine();
  };
  const { stop } = followConfig({
    loaded: load(),
    load,
    starting: Promise.resolve({
      reload: async (config: Config) => {
        reloaded.push(config);
        return late;
      },
    }),
    log: pino({ base: null, timestamp: false }, { write }),
  });
  t.after(() => {
    stop();
    rmSync(folder, { recursive: true });
  });
  return {
    path,
    reloaded,
    stop,
    async lines(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      onLine = () => logged.length >= count && resolve();
      onLine();
      await promise;
      return logged.splice(0);
    },
  };
}

test("a changed file is put into force, and the log says what has changed", async (t) => {
  const { path, reloaded, lines } = run(t, true, ["locale"]);
  writeFileSync(path, "target: http://second\nroutes: [{match: /a, queue: 7}, {match: /c}]\nlocale: zh\n");
  const [info, warning] = await lines(2);
  assert.deepEqual(info, {
    level: 30,
    routes_added: ["c"],
    routes_removed: ["b"],
    routes_changed: ["a"],
    targets_changed: ["default"],
    options_changed: ["locale"],
    msg: "configuration reloaded",
  });
  assert.deepEqual([warning?.level, warning?.options], [40, ["locale"]]);
  assert.deepEqual(
    reloaded.map(({ routes }) => routes.map(({ lane }) => lane.name)),
    [["a", "c", "default"]],
  );
});

test("every problem of a bad one is logged with its line, and nothing is put into force", async (t) => {
  const { path, reloaded, lines } = run(t, true);
  writeFileSync(path, "target: http://second\nroutes:\n  - match: a\n    queue: 0\n");
  const logged = await lines(3);
  assert.deepEqual(
    logged.map(({ level, msg }) => [level, msg]),
    [
      [50, 'configuration: headgate.yaml:3: routes[0].match: "a": must begin with a slash'],
      [50, "configuration: headgate.yaml:4: routes[0].queue: 0: must be a whole number from 1 to 1000000000"],
      [50, "configuration not reloaded: what was in force stays so"],
    ],
  );
  assert.deepEqual(reloaded, []);
});

test("SIGHUP reads it again, and says so when there is none", async (t) => {
  const { lines, reloaded } = run(t, true);
  process.emit("SIGHUP");
  assert.deepEqual(await lines(1), [{ level: 30, msg: "configuration reloaded" }]);
  assert.equal(reloaded.length, 1);

  const without = run(t, false);
  process.emit("SIGHUP");
  const [warning] = await without.lines(1);
  assert.match(warning?.msg ?? "", /^SIGHUP: there is no file/);
  assert.deepEqual(without.reloaded, []);
});

test("while stopping nothing is reloaded, and SIGHUP does no harm", async (t) => {
  const { stop, reloaded } = run(t, true);
  stop();
  process.emit("SIGHUP");
  await new Promise(setImmediate);
  assert.deepEqual(reloaded, []);
});

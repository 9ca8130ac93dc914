// Loads a configuration from plain objects; the file is a real one, in a folder of its own.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../src/config/config.ts";
import { type Loaded, loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problem.ts";

export interface Sources {
  readonly flags?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** The text of `headgate.yaml`, which is then named by --config. */
  readonly file?: string;
  readonly terminal?: boolean;
}

export function load({ flags = {}, environment = {}, file, terminal = false }: Sources): Loaded {
  const cwd = mkdtempSync(join(tmpdir(), "headgate-config-"));
  try {
    if (file !== undefined) writeFileSync(join(cwd, "headgate.yaml"), file);
    const named = file === undefined ? {} : { config: "headgate.yaml" };
    return loadConfig({ flags: new Map(Object.entries({ ...named, ...flags })), environment, cwd, terminal });
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** Everything that is wrong, a line each. */
export function problemsOf(sources: Sources): readonly string[] {
  try {
    load(sources);
  } catch (thrown) {
    assert.ok(thrown instanceof ConfigError, String(thrown));
    return thrown.problems.map(({ where, what }) => `${where}: ${what}`);
  }
  return [];
}

/** Where the only route sends its requests. */
export function targetOf({ pools }: Config): URL {
  return pools[0]!.targets[0]!.url;
}

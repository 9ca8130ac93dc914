import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { keyOf, type Option, variableOf } from "../../src/config/option.ts";
import { OPTIONS } from "../../src/config/options.ts";
import { load } from "./loading.ts";

const read = (option: Option, text: string): unknown => option.kind.schema.parse(option.kind.fromText(text));

test("every default and example passes its own check and reads back as shown", () => {
  for (const option of OPTIONS as readonly Option[]) {
    for (const text of [option.default, option.example]) {
      if (text === null) continue;
      const value = read(option, text);
      assert.deepEqual(read(option, option.kind.toText(value as never)), value, `${option.name} ${text}`);
    }
  }
});

test("names are flags, and unique in every spelling", () => {
  for (const spelling of [(option: Option) => option.name, variableOf, keyOf]) {
    assert.equal(new Set(OPTIONS.map((option) => spelling(option))).size, OPTIONS.length);
  }
  for (const { name } of OPTIONS) assert.match(name, /^[a-z]+(-[a-z]+)*$/);
});

test("the founding document's options have its names and defaults", () => {
  const seed = readFileSync(new URL("seed-options.json", import.meta.url), "utf8");
  const ours = OPTIONS.filter((option) => option.seed === true).map((option) => [
    option.name,
    option.default,
  ]);
  assert.deepEqual(Object.fromEntries(ours), JSON.parse(seed));
});

test("every field of the configuration comes from an option, or from a section of the file", () => {
  const { config } = load({ flags: { "target-host": "h" } });
  assert.deepEqual(
    Object.entries(config).filter(([, value]) => value === undefined),
    [],
  );
  assert.deepEqual(
    Object.keys(config).toSorted(),
    OPTIONS.map(({ field }) => field as string)
      .filter((field) => !["target", "targetHost", "targetPort", "config"].includes(field))
      .concat("pools", "routes", "weights", "webhooks", "alerts", "keys", "secretHeaders")
      .toSorted(),
  );
});

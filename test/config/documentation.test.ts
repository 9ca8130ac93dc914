// What the documentation shows works, and editors are told the same as the program.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { fileSchema } from "../../src/config/json-schema.ts";
import { nowhere } from "../../src/config/place.ts";
import { SECTION_FIELDS } from "../../src/config/sections.ts";
import type { FieldTable } from "../../src/config/shape.ts";
import { present } from "./generated.ts";
import { load } from "./loading.ts";

const page = present("docs/configuration.md");
const pages = [
  "README.md",
  "README.zh-CN.md",
  ...["configuration", "flow", "alerts", "webhooks", "keys"].map((name) => `docs/${name}.md`),
];
const blocks = pages.flatMap((path) =>
  [...present(path).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = ""]) => ({ path, text })),
);
const schema = z.fromJSONSchema(fileSchema() as Parameters<typeof z.fromJSONSchema>[0]);

describe("every file in the pages", () => {
  test("is there", () => assert.deepEqual(new Set(blocks.map(({ path }) => path)).size, pages.length));
  for (const [number, { path, text: file }] of blocks.entries()) {
    test(`${path}, ${number + 1}`, () => {
      load({ file });
      assert.deepEqual(schema.safeParse(parse(file)).error?.issues ?? [], []);
    });
  }
});

describe("the JSON Schema refuses", () => {
  const wrong = [
    "routs: []\n",
    "routes: {match: /a}\n",
    "routes: [{target: m}]\n",
    "routes: [{match: /a, prority: 3}]\n",
    "routes: [{match: /a, priority: 10}]\n",
    "routes: [{match: /a, rate: 50}]\n",
    "routes: [{match: /a, retry: on}]\n",
    "routes: [{match: /a, retry: {on: [399]}}]\n",
    "routes: [{match: /a, retry: {backoff: {initial: 1 sec}}}]\n",
    "targets: {m: {url: http://a}}\n",
    "targets: {m: {urls: []}}\n",
    "targets: {m: {urls: [{weight: 2}]}}\n",
    "clients: {gold: 4}\n",
  ];
  for (const file of wrong) {
    test(file.trim(), () => assert.equal(schema.safeParse(parse(file)).success, false));
  }
});

test("both READMEs list the same options in the same order, with the same defaults", () => {
  const rowsOf = (path: string): readonly (readonly string[])[] =>
    [...present(path).matchAll(/^\| (`--[^`]+`) \| (.*?) \|/gm)].map(([, option = "", initial = ""]) => [
      option,
      // Words are translated.
      initial.startsWith("`") ? initial : "",
    ]);
  const english = rowsOf("README.md");
  assert.ok(english.length > 25, String(english.length));
  assert.deepEqual(rowsOf("README.zh-CN.md"), english);
});

test("every example and default of a field is right, and every field is in the page", () => {
  let fields = 0;
  const visit = (table: FieldTable, above: string): void => {
    for (const [key, { shape, example, default: initial, unset, text }] of table) {
      const name = above + key;
      for (const value of [example, initial ?? example]) {
        const place = nowhere(value);
        assert.notEqual(shape.read(place), undefined, name);
        assert.equal(place.isWrong, false, name);
      }
      assert.match(text, /^[a-z].*[^.]$/s, name);
      assert.ok(initial !== null || unset !== undefined, `${name} says what follows when it is not given`);
      fields += 1;
      if (above !== "") assert.ok(page.includes(`| \`${name.replace(/^\w+\./, "")}\` |`), name);
      visit(shape.fields ?? [], `${name}.`);
    }
  };
  visit(SECTION_FIELDS, "");
  assert.ok(fields > 45, String(fields));
});

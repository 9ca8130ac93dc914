import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { codeOf, importsOf } from "./source.ts";

describe("reading sources", () => {
  test("keeps code, blanks comments, strings and regular expressions, at the same length", () => {
    const source = 'a(/["\'`]/g, "x//y"); // z\nb = c / d / e; `t ${f({ g: "h" })} u`; /* i */ j';
    const code = codeOf(source);
    assert.equal(code.length, source.length);
    assert.equal(code.replaceAll(/\s+/g, " "), 'a( g, " "); b = c / d / e; ` ${f({ g: " " })} `; j');
  });

  test("finds every form of import", () => {
    const source = `import "./a.ts";
import b, { c as d,
  e } from "./b.ts";
import type { F } from "./f.ts";
import type from "./g.ts";
export * as h from "./h.ts";
export type { I } from "./i.ts";
type J = import("./j.ts").J;
new URL("./k.ts", import.meta.url); new URL("./l.sql", import.meta.url);
import fs from "node:fs"; import.meta.dirname;`;
    const found = importsOf("src/task/x.ts", source).map(
      ({ target, typeOnly }) => `${target}${typeOnly ? " type" : ""}`,
    );
    assert.deepEqual(found, [
      "src/task/a.ts",
      "src/task/b.ts",
      "src/task/f.ts type",
      "src/task/g.ts",
      "src/task/h.ts",
      "src/task/i.ts type",
      "null",
      "src/task/j.ts",
      "src/task/k.ts",
    ]);
  });
});

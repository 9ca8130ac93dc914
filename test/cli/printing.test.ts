import assert from "node:assert/strict";
import { test } from "node:test";
import { age, bar, rate, share, span, tasks } from "../../src/cli/amounts.ts";
import { harmless, harmlessLines } from "../../src/cli/harmless.ts";
import { table } from "../../src/cli/table.ts";
import { displayWidth, fit, pad } from "../../src/cli/width.ts";

test("what would command a terminal is escaped", () => {
  assert.equal(harmless("\u001B[2Jgone\u0007"), String.raw`\x1b[2Jgone\x07`);
  assert.equal(harmless("a\r\nb\tc\u0000"), String.raw`a\r\nb\tc\x00`);
  // C1 controls act as escape sequences in some terminals; the others turn text around.
  assert.equal(
    harmless("\u009B31m \u202Etxt.exe \u2066 \u2028"),
    String.raw`\x9b31m \u202etxt.exe \u2066 \u2028`,
  );
  assert.equal(harmless("任务 é 👩‍💻"), "任务 é 👩‍💻");
});

test("text of many lines keeps its lines, and nothing that moves back in one", () => {
  assert.equal(harmlessLines("a\r\nb\tc\n"), "a\r\nb\tc\n");
  assert.equal(harmlessLines("true\rfalse\u001B[1A"), String.raw`true\rfalse\x1b[1A`);
});

test("widths are those of the terminal", () => {
  for (const [text, width] of [
    ["plain", 5],
    ["任务", 4],
    ["é", 1],
    ["e\u0301", 1],
    ["👩‍💻", 2],
    ["ﾊﾝ", 2],
    ["한국", 4],
    ["ＡＢ", 4],
    ["…", 1],
    ["", 0],
  ] as const) {
    assert.equal(displayWidth(text), width, text);
  }
  assert.equal(pad("任务", 6), "任务  ");
  assert.equal(fit("任务列表", 8), "任务列表");
  assert.equal(fit("任务列表", 7), "任务列…");
  assert.equal(fit("任务列表", 6), "任务…");
  assert.equal(fit("abc", 0), "");
});

test("columns are aligned by width, and lines end with what they say", () => {
  assert.equal(
    table([
      ["名", "b", ""],
      ["long", "任务", "x"],
    ]),
    "名    b\nlong  任务  x",
  );
});

test("the named column is cut where the terminal ends, and no line is wider", () => {
  const rows = [
    ["id", "GET /a/very/long/path/indeed", "ok"],
    ["id2", "GET /b", "failed"],
  ];
  const lines = table(rows, { columns: 30, shrink: 1 }).split("\n");
  assert.deepEqual(lines, ["id   GET /a/very/long…  ok", "id2  GET /b             failed"]);
  for (const line of lines) assert.ok(displayWidth(line) <= 30, line);
  // As it is where nobody says how wide it may be.
  assert.match(table(rows), /indeed {2}ok/);
});

test("cells are painted as they stand in the table, and escaped", () => {
  const painted = table([["a\u001B", "b"]], { paint: (text, row, column) => `<${row},${column}:${text}>` });
  assert.equal(painted, String.raw`<0,0:a\x1b>  <0,1:b>`);
});

test("amounts", () => {
  const spans: readonly (readonly [number | null, string])[] = [
    [null, "-"],
    [0, "0s"],
    [0.44, "0.4s"],
    [12.4, "12s"],
    [59.6, "1m00s"],
    [200, "3m20s"],
    [7_500, "2h05m"],
    [356_400, "4d3h"],
  ];
  for (const [seconds, words] of spans) assert.equal(span(seconds), words);
  assert.equal(age("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:01:05Z")), "1m05s");
  assert.equal(age("2026-01-01T00:00:09Z", Date.parse("2026-01-01T00:00:00Z")), "0s");
  assert.deepEqual([rate(0.25), rate(12.3), share(null), share(0.995)], ["0.3/s", "12/s", "-", "99.5%"]);
  assert.deepEqual([tasks(1), tasks(1_200)], ["1 task", "1,200 tasks"]);
  assert.deepEqual([bar(0.5, 4), bar(2, 4), bar(-1, 4)], ["[##--]", "[####]", "[----]"]);
});

test("columns that can be spared go before what cannot be read, one after the other", () => {
  const rows = [
    ["id", "request", "route", "age"],
    ["0196d3a0", "POST /api/function1", "default", "12s"],
  ];
  const widths = (columns: number | null): string[] =>
    table(rows, { columns, shrink: 1, spare: [2, 3] })
      .split("\n")
      .map((line) => line.replaceAll(/ {2,}/g, "|"));
  assert.deepEqual(widths(null), ["id|request|route|age", "0196d3a0|POST /api/function1|default|12s"]);
  assert.deepEqual(widths(40), ["id|request|route|age", "0196d3a0|POST /api/funct…|default|12s"]);
  assert.deepEqual(widths(36), ["id|request|age", "0196d3a0|POST /api/function1|12s"]);
  assert.deepEqual(widths(28), ["id|request", "0196d3a0|POST /api/functio…"]);
  assert.deepEqual(widths(12), ["id|request", "0196d3a0|POST /a…"]);
});

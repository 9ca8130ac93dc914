import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { formatDuration, formatSize, parseDuration, parseSize } from "../../src/lib/quantity.ts";

test("durations: a number with a unit, bare numbers are seconds", () => {
  const written = { "500ms": 500, "30s": 30_000, "10m": 600_000, "2h": 7_200_000, "7d": 604_800_000 };
  for (const [text, ms] of Object.entries(written)) assert.equal(parseDuration(text), ms, text);
  assert.equal(parseDuration("600"), 600_000);
  assert.equal(parseDuration("1.5h"), 5_400_000);
  assert.equal(parseDuration("0"), 0);
});

test("sizes: a number with a unit, bare numbers are bytes, binary and decimal units differ", () => {
  const written = { "512": 512, "512B": 512, "64KiB": 65_536, "10MB": 10_000_000, "1GiB": 1_073_741_824 };
  for (const [text, bytes] of Object.entries(written)) assert.equal(parseSize(text), bytes, text);
  assert.equal(parseSize("1.5KiB"), 1_536);
});

test("anything else is none", () => {
  for (const text of [
    "",
    " ",
    "-1s",
    "+1s",
    "1 s",
    "s",
    "1w",
    "1S",
    "1e3",
    "0x10",
    "1.s",
    ".5s",
    "1h30m",
    "∞",
  ]) {
    assert.equal(parseDuration(text), null, text);
  }
  for (const text of ["", "-1", "1 KiB", "1K", "1G", "1kib", "1iB", "1e3", "NaN", "1PiB"]) {
    assert.equal(parseSize(text), null, text);
  }
});

test("what is shown reads back as the same amount", () => {
  const amount = fc.oneof(
    fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    fc
      .tuple(
        fc.integer({ min: 0, max: 4_000 }),
        fc.constantFrom(1e3, 1e6, 60_000, 86_400_000, 2 ** 20, 2 ** 30),
      )
      .map(([count, unit]) => count * unit),
  );
  fc.assert(fc.property(amount, (ms) => parseDuration(formatDuration(ms)) === ms));
  fc.assert(fc.property(amount, (bytes) => parseSize(formatSize(bytes)) === bytes));
});

test("whatever is written, the answer is a whole number or none", () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^\d{1,12}(\.\d{1,6})?(ms|[smhd]|[KMGT]i?B|B)?$/));
  for (const parse of [parseDuration, parseSize]) {
    fc.assert(
      fc.property(text, (written) => {
        const amount = parse(written);
        return amount === null || (Number.isInteger(amount) && amount >= 0);
      }),
    );
  }
});

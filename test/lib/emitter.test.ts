import assert from "node:assert/strict";
import { test } from "node:test";
import { createEmitter } from "../../src/lib/emitter.ts";

interface Facts {
  readonly rain: { readonly millimetres: number };
}

test("a listener that throws is reported; the others and the teller go on", () => {
  const reported: string[] = [];
  const emitter = createEmitter<Facts>((error, event) => reported.push(`${event}: ${error.message}`));
  const heard: number[] = [];
  emitter.on("rain", () => {
    throw new Error("no umbrella");
  });
  const off = emitter.on("rain", ({ millimetres }) => heard.push(millimetres));
  emitter.emit("rain", { millimetres: 3 });
  off();
  emitter.emit("rain", { millimetres: 4 });
  assert.deepEqual(heard, [3]);
  assert.deepEqual(reported, ["rain: no umbrella", "rain: no umbrella"]);
});

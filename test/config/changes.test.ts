import assert from "node:assert/strict";
import { test } from "node:test";
import { changesBetween, needsRestart } from "../../src/config/changes.ts";
import type { Config } from "../../src/config/config.ts";
import { OPTIONS } from "../../src/config/options.ts";
import { load } from "./loading.ts";

const configOf = (file: string): Config => load({ file, flags: { "data-dir": "/data" } }).config;

test("the same configuration differs in nothing", () => {
  const file =
    "target: http://t\ntargets: {m: {urls: [http://a, http://b]}}\nroutes: [{match: /a, retry: {on: [429]}}]\nclients: {g: {weight: 2}}\n";
  assert.deepEqual(changesBetween(configOf(file), configOf(`# said anew\n${file}`)), {});
  assert.deepEqual(needsRestart(configOf(file), configOf(file)), []);
});

test("routes, targets and clients by name, options by key", () => {
  const before = configOf(
    "targets: {a: http://a, b: http://b, c: http://c}\n" +
      "routes: [{match: /x, target: a}, {match: /y, target: a}, {match: /z, target: a}]\n" +
      "clients: {g: {weight: 2}, h: {weight: 3}}\n",
  );
  const after = configOf(
    "targets: {a: http://a, b: http://b:81, d: http://d}\n" +
      "routes: [{match: /x, target: a}, {match: /y, target: a, fail_on: [500]}, {match: /w, target: a}]\n" +
      "clients: {h: {weight: 4}, i: {weight: 3}}\nlocale: zh\nqueue_size: 3\n".replace(
        "queue_size",
        "max_queue_size",
      ),
  );
  assert.deepEqual(changesBetween(before, after), {
    routes_added: ["w"],
    routes_removed: ["z"],
    // All of them have the size of the queue from the options.
    routes_changed: ["x", "y"],
    targets_added: ["d"],
    targets_removed: ["c"],
    targets_changed: ["b"],
    clients_added: ["i"],
    clients_removed: ["g"],
    clients_changed: ["h"],
    options_changed: ["max_queue_size", "locale"],
  });
  assert.deepEqual(needsRestart(before, after), ["locale"]);
});

test("routes and what they inherit come into force at once, every other option at the next start", () => {
  const before = configOf("target: http://t\n");
  const isAtOnce = (name: string): boolean => {
    const option = OPTIONS.find((each) => each.name === name)!;
    const after = { ...before, [option.field]: "something else" };
    return needsRestart(before, after).length === 0;
  };
  const atOnce = OPTIONS.filter(({ field }) => field in before).filter(({ name }) => isAtOnce(name));
  assert.deepEqual(
    atOnce.map(({ name }) => name),
    ["max-concurrent", "max-queue-size", "num-workers", "task-timeout", "max-attempts", "retention"],
  );
  assert.deepEqual(needsRestart(before, configOf("target: http://u\n")), []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { CircuitConfig } from "../../src/config/config.ts";
import { type Circuit, createCircuit } from "../../src/target/circuit.ts";
import type { Verdict } from "../../src/target/verdict.ts";
import type { CircuitState } from "../../src/task/target-state.ts";
import { createManualClock, type ManualClock } from "../lib/manual-clock.ts";

const CONFIG: CircuitConfig = { failures: 3, openMs: 1_000, maxOpenMs: 8_000 };

/** Half of the way between least and most: open for exactly as long as configured. */
const MIDDLE = (): number => 0.5;

interface Watched {
  readonly circuit: Circuit;
  readonly clock: ManualClock;
  readonly changes: string[];
}

function watched(config: CircuitConfig = CONFIG, random: () => number = MIDDLE): Watched {
  const clock = createManualClock();
  const changes: string[] = [];
  const circuit: Circuit = createCircuit({
    config,
    clock,
    random,
    onChange: (from: CircuitState) => changes.push(`${from} → ${circuit.state}`),
  });
  return { circuit, clock, changes };
}

function pass(circuit: Circuit, ...verdicts: readonly Verdict["kind"][]): void {
  for (const verdict of verdicts) circuit.leave(circuit.enter(), verdict);
}

function trip(circuit: Circuit): void {
  pass(circuit, "failure", "failure", "failure");
}

test("failures in a row open it, and only in a row", () => {
  const { circuit, clock, changes } = watched();
  pass(circuit, "failure", "failure", "success", "failure", "failure", "refusal", "failure", "failure");
  assert.equal(circuit.state, "closed");
  assert.equal(circuit.failures, 2);
  pass(circuit, "nothing", "failure");
  assert.equal(circuit.state, "open");
  assert.equal(circuit.failures, 3);
  assert.equal(circuit.openUntil, clock.now() + 1_000);
  assert.equal(circuit.passes(), false);
  assert.deepEqual(changes, ["closed → open"]);
});

test("when its time is over one probe passes, and its success closes it", () => {
  const { circuit, clock, changes } = watched();
  trip(circuit);
  clock.advance(999);
  assert.equal(circuit.passes(), false);
  clock.advance(1);
  assert.equal(circuit.state, "half_open");
  assert.equal(circuit.openUntil, null);
  const probe = circuit.enter();
  assert.equal(circuit.passes(), false);
  circuit.leave(probe, "success");
  assert.equal(circuit.state, "closed");
  assert.equal(circuit.failures, 0);
  assert.deepEqual(changes, ["closed → open", "open → half_open", "half_open → closed"]);
});

test("a probe that says nothing leaves its place to another", () => {
  const { circuit, clock } = watched();
  trip(circuit);
  clock.advance(1_000);
  pass(circuit, "nothing");
  assert.equal(circuit.state, "half_open");
  assert.equal(circuit.passes(), true);
});

test("each failed probe doubles the time, up to the most", () => {
  const { circuit, clock } = watched();
  trip(circuit);
  for (const openMs of [2_000, 4_000, 8_000, 8_000]) {
    clock.advance((circuit.openUntil ?? 0) - clock.now());
    pass(circuit, "failure");
    assert.equal(circuit.openUntil, clock.now() + openMs);
  }
});

test("the time begins anew only after it was closed for as long as it had been open", () => {
  const { circuit, clock } = watched();
  trip(circuit);
  clock.advance(1_000);
  pass(circuit, "success");
  clock.advance(999);
  trip(circuit);
  assert.equal(circuit.openUntil, clock.now() + 2_000, "it had not recovered");
  clock.advance(2_000);
  pass(circuit, "success");
  clock.advance(2_000);
  trip(circuit);
  assert.equal(circuit.openUntil, clock.now() + 1_000);
});

test("what began before it opened is not heard, neither while open nor as a probe", () => {
  const { circuit, clock } = watched();
  const early = [circuit.enter(), circuit.enter(), circuit.enter()] as const;
  trip(circuit);
  circuit.leave(early[0], "success");
  assert.equal(circuit.state, "open");
  clock.advance(1_000);
  const probe = circuit.enter();
  circuit.leave(early[1], "success");
  circuit.leave(early[2], "failure");
  assert.equal(circuit.state, "half_open");
  assert.equal(circuit.passes(), false, "the probe still has the only place");
  circuit.leave(probe, "failure");
  assert.equal(circuit.state, "open");
});

test("with 0 failures it never opens, and closes when that is configured", () => {
  const never = watched({ ...CONFIG, failures: 0 });
  for (let i = 0; i < 100; i++) pass(never.circuit, "failure");
  assert.equal(never.circuit.state, "closed");

  const { circuit, clock } = watched();
  trip(circuit);
  circuit.configure({ ...CONFIG, failures: 0 });
  assert.equal(circuit.state, "closed");
  assert.equal(clock.timers, 0);
});

test("stopped, it leaves no timer", () => {
  const { circuit, clock } = watched();
  trip(circuit);
  assert.equal(clock.timers, 1);
  circuit.stop();
  assert.equal(clock.timers, 0);
});

const STEPS: Readonly<Record<CircuitState, readonly CircuitState[]>> = {
  closed: ["open"],
  open: ["half_open"],
  half_open: ["closed", "open"],
};

type Step =
  | { readonly do: "enter" }
  | { readonly do: "leave"; readonly at: number; readonly verdict: Verdict["kind"] }
  | { readonly do: "wait"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("enter" as const) }),
  fc.record({
    do: fc.constant("leave" as const),
    at: fc.nat(20),
    verdict: fc.constantFrom("success", "refusal", "failure", "nothing"),
  }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.nat(3_000) }),
);

test("whatever happens: legal steps, one probe at a time, none while open, and never open for too long", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (steps, random) => {
        const clock = createManualClock();
        let isLegal = true;
        const circuit: Circuit = createCircuit({
          config: CONFIG,
          clock,
          random: () => random,
          onChange: (from) => (isLegal &&= STEPS[from].includes(circuit.state)),
        });
        const underWay: { readonly passage: number; readonly in: CircuitState }[] = [];
        for (const each of steps) {
          if (each.do === "wait") clock.advance(each.ms);
          else if (each.do === "enter" && circuit.passes())
            underWay.push({ in: circuit.state, passage: circuit.enter() });
          else if (each.do === "leave") {
            const [ended] = underWay.splice(each.at, 1);
            if (ended !== undefined) circuit.leave(ended.passage, each.verdict);
          }
          if (circuit.state === "open") {
            assert.equal(circuit.passes(), false);
            assert.ok((circuit.openUntil ?? 0) - clock.now() <= CONFIG.maxOpenMs * 1.1);
          } else assert.equal(circuit.openUntil, null);
          if (circuit.state === "closed") assert.ok(circuit.failures < CONFIG.failures);
        }
        clock.advance(CONFIG.maxOpenMs * 2);
        assert.notEqual(circuit.state, "open", "it comes back by itself");
        assert.ok(isLegal);
      },
    ),
  );
});

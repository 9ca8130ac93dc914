import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readDirectives } from "../../src/intake/directives.ts";
import { priorityOfUrgency } from "../../src/intake/urgency.ts";
import { HeadgateError } from "../../src/lib/error.ts";

const LANE = { priority: 4, startWithinMs: null, timeoutMs: 600_000, maxAttempts: 3 };

const read = (...raw: string[]): ReturnType<typeof readDirectives> => readDirectives(raw, LANE);

test("a request that asks for nothing gets what its lane gives", () => {
  const unasked = {
    priority: 4,
    delayMs: null,
    notBefore: null,
    startWithinMs: null,
    timeoutMs: 600_000,
    maxAttempts: 3,
    labels: {},
    client: null,
    cancelWhenLeft: false,
    callback: null,
  };
  assert.deepEqual(read(), unasked);
  assert.deepEqual(read("Host", "a", "Priority", "i"), unasked);
  // What a Headgate in front of this one adds is no request of the client's.
  assert.deepEqual(read("Headgate-Task-Id", "x", "Headgate-Attempt", "2", "Headgate-Key", "k"), unasked);
});

test("each directive is read, whatever the case of its name", () => {
  const asked = read(
    "HEADGATE-PRIORITY",
    "9",
    "Headgate-Delay",
    "1.5",
    "headgate-start-within",
    "2h",
    "Headgate-Timeout",
    "90s",
    "Headgate-Max-Attempts",
    "7",
    "Headgate-Client",
    "team-a",
    "Headgate-Label",
    "a=1, b=x=y",
    "Headgate-Label",
    "c=",
    "Headgate-Cache",
    "no-store",
    "Headgate-Abandon",
    "cancel",
    "Headgate-Callback",
    "https://CLIENT.example/done?x=1",
  );
  assert.deepEqual(asked, {
    priority: 9,
    delayMs: 1_500,
    notBefore: null,
    startWithinMs: 7_200_000,
    timeoutMs: 90_000,
    maxAttempts: 7,
    labels: { a: "1", b: "x=y", c: "" },
    client: "team-a",
    cancelWhenLeft: true,
    callback: "https://client.example/done?x=1",
  });
});

test("what a lane gives stands back for what is asked, and for nothing else", () => {
  const lane = { ...LANE, priority: 7, startWithinMs: 60_000 };
  const of = (...raw: string[]): readonly unknown[] => {
    const { priority, startWithinMs } = readDirectives(raw, lane);
    return [priority, startWithinMs];
  };
  assert.deepEqual(of(), [7, 60_000]);
  assert.deepEqual(of("Headgate-Label", "a=b"), [7, 60_000]);
  assert.deepEqual(of("Priority", "i"), [7, 60_000], "no urgency is named");
  assert.deepEqual(of("Priority", "u=3"), [4, 60_000]);
  assert.deepEqual(of("Headgate-Priority", "1", "Headgate-Start-Within", "2h"), [1, 7_200_000]);
});

test("an instant is an HTTP-date or ISO 8601 with its zone", () => {
  const at = Date.UTC(2026, 1, 4, 3, 4, 5);
  for (const text of ["2026-02-04T03:04:05Z", "2026-02-04T04:04:05+01:00", "Wed, 04 Feb 2026 03:04:05 GMT"]) {
    assert.equal(read("Headgate-Not-Before", text).notBefore, at, text);
  }
});

describe("refused, with the header's name", () => {
  const cases: readonly [string, string, RegExp][] = [
    ["Headgate-Priority", "10", /from 0 to 9/],
    ["Headgate-Priority", "-1", /from 0 to 9/],
    ["Headgate-Priority", "1.5", /from 0 to 9/],
    ["Headgate-Priority", "", /from 0 to 9/],
    ["Headgate-Delay", "soon", /duration/],
    ["Headgate-Delay", "-5s", /duration/],
    ["Headgate-Delay", "1w", /duration/],
    ["Headgate-Delay", "367d", /at most 366d/],
    ["Headgate-Not-Before", "tomorrow", /instant/],
    ["Headgate-Not-Before", "5", /instant/],
    ["Headgate-Not-Before", "2026-02-04T03:04:05", /instant/],
    ["Headgate-Not-Before", "2026-02-34T03:04:05Z", /instant/],
    ["Headgate-Timeout", "0", /longer than nothing/],
    ["Headgate-Timeout", "601s", /at most 600s/],
    ["Headgate-Max-Attempts", "0", /from 1 to 100/],
    ["Headgate-Max-Attempts", "101", /from 1 to 100/],
    ["Headgate-Label", "novalue", /key=value/],
    ["Headgate-Label", "=v", /key=value/],
    ["Headgate-Label", "__proto__=v", /key=value/],
    ["Headgate-Label", `a=${"x".repeat(257)}`, /at most 256/],
    ["Headgate-Label", "a=1,a=2", /given twice/],
    ["Headgate-Label", Array.from({ length: 17 }, (_, i) => `k${i}=v`).join(), /at most 16/],
    ["Headgate-Client", "two words", /without spaces/],
    ["Headgate-Cache", "yes", /only be no-store/],
    ["Headgate-Abandon", "keep", /only be cancel/],
    ["Headgate-Callback", "ftp://x/", /one http:\/\/ or https:\/\/ URL/],
    ["Headgate-Callback", "http://u:p@x/", /without user name/],
    ["Headgate-Callback", "/relative", /one http/],
    ["Headgate-Prioriti", "3", /Did you mean Headgate-Priority\?/],
    ["headgate-timout", "3", /Did you mean Headgate-Timeout\?/],
    ["Headgate-Foo-Bar-Baz", "3", /It knows Headgate-Priority, /],
  ];
  for (const [name, value, words] of cases) {
    test(`${name}: ${value.slice(0, 30)}`, () => {
      assert.throws(
        () => read("Host", "a", name, value),
        (error) => {
          assert.ok(error instanceof HeadgateError);
          assert.equal(error.code, "invalid_request");
          assert.equal(error.field, name);
          assert.match(error.message, words);
          return true;
        },
      );
    });
  }

  test("one directive given twice", () => {
    assert.throws(() => read("Headgate-Delay", "1", "headgate-delay", "2"), /given twice/);
  });

  test("two that contradict each other", () => {
    assert.throws(
      () => read("Headgate-Delay", "1", "Headgate-Not-Before", "2026-02-04T03:04:05Z"),
      /not both/,
    );
  });
});

describe("RFC 9218 Priority", () => {
  test("urgencies keep their order, and the default stays the default", () => {
    const priorities = [0, 1, 2, 3, 4, 5, 6, 7].map((urgency) => priorityOfUrgency(`u=${urgency}`) ?? -1);
    assert.deepEqual(
      priorities,
      priorities.toSorted((a, b) => b - a),
    );
    assert.equal(new Set(priorities).size, 8);
    assert.deepEqual([priorities[0], priorities[3], priorities[7]], [9, 4, 0]);
  });

  test("what is malformed counts as absent, and the last urgency counts", () => {
    for (const field of ["", "i", "u=8", "u=-1", "u=high", "u", "U=1", "xu=1"]) {
      assert.equal(priorityOfUrgency(field), null, field);
    }
    assert.equal(priorityOfUrgency("i, u=1;x=2"), 7);
    assert.equal(read("Priority", "u=7", "priority", "u=0").priority, 9);
  });

  test("gives way to Headgate-Priority", () => {
    assert.equal(read("Headgate-Priority", "2", "Priority", "u=0").priority, 2);
  });
});

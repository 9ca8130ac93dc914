import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createAdmission } from "../../src/intake/admission.ts";
import { isHost } from "../../src/intake/host.ts";
import { hasPassed } from "../../src/intake/via.ts";
import { preferredLanguage } from "../../src/lib/language.ts";

describe("admission", () => {
  test("counts what is stored and what is on its way", () => {
    const admission = createAdmission();
    assert.equal(admission.reserve("a", 2), true);
    assert.equal(admission.reserve("a", 2), true);
    assert.equal(admission.reserve("a", 2), false);
    assert.equal(admission.reserve("b", 1), true, "lanes do not share places");
    admission.fulfil("a", 1);
    assert.equal(admission.pending("a"), 2);
    admission.release("a");
    assert.equal(admission.pending("a"), 1);
    admission.observe("a", 0);
    assert.equal(admission.pending("a"), 0);
  });

  test("is exact while enqueues and claims are answered in the order the store acted in", () => {
    const admission = createAdmission();
    for (let i = 0; i < 3; i++) admission.reserve("a", 10);
    admission.fulfil("a", 1);
    admission.observe("a", 0); // that one was claimed; two are not answered
    assert.equal(admission.pending("a"), 2);
    admission.fulfil("a", 1);
    admission.fulfil("a", 2);
    assert.equal(admission.pending("a"), 2);
  });

  test("is never negative", () => {
    const admission = createAdmission();
    admission.release("a");
    admission.shift("a", -3);
    assert.equal(admission.pending("a"), 0);
    admission.shift("a", 1);
    assert.equal(admission.pending("a"), 1);
  });
});

describe("Accept-Language", () => {
  const cases: readonly [string | undefined, "en" | "zh"][] = [
    [undefined, "en"],
    ["*", "en"],
    ["zh", "zh"],
    ["zh-CN,zh;q=0.9,en;q=0.8", "zh"],
    ["en-US,en;q=0.9,zh;q=0.8", "en"],
    ["en;q=0.5, ZH-Hant;q=0.6", "zh"],
    ["zh;q=0", "en"],
    ["zh;q=0.0, en", "en"],
    ["zh, en", "zh"],
    ["en, zh", "en"],
    ["de, zh;q=0.2", "zh"],
    ["zhx", "en"],
    ["zh;q=nonsense", "en"],
  ];
  for (const [field, language] of cases) {
    test(`${field}: ${language}`, () => assert.equal(preferredLanguage(field, "en"), language));
  }

  test("a Chinese server speaks Chinese", () => assert.equal(preferredLanguage("en", "zh"), "zh"));
});

describe("Via", () => {
  for (const via of ["1.1 gate-1", "1.0 a, HTTP/1.1 Gate-1 (Headgate)", "1.1 a,1.1 gate-1", "1.1\tgate-1"]) {
    test(`${via} has passed`, () => assert.equal(hasPassed(via, "gate-1"), true));
  }
  for (const via of [undefined, "", "1.1 gate-10", "1.1 a (gate-1)", "gate-1"]) {
    test(`${via} has not`, () => assert.equal(hasPassed(via, "gate-1"), false));
  }
});

describe("Host", () => {
  for (const host of ["", "a", "a.b-c_d:80", "192.0.2.1", "[2001:db8::1]:8080", "a:"]) {
    test(`${host} is one`, () => assert.equal(isHost(host), true));
  }
  for (const host of ["a/b", "u@a", "a b", 'a"', "a:b", "[::1", "a?b", "é", "a:123456", "a\\b", "<x>"]) {
    test(`${host} is none`, () => assert.equal(isHost(host), false));
  }
});

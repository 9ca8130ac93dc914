import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { createSecretFields } from "../../src/server/secret-fields.ts";
import { createVault } from "../../src/server/vault.ts";
import { isSealed, type Vault } from "../../src/task/vault.ts";

function vault(key: Buffer = randomBytes(32), configured: readonly string[] = ["x-api-key"]): Vault {
  return createVault(key, createSecretFields(configured));
}

test("secrets are sealed and come back as they were; all else stays in place", () => {
  const { seal, open } = vault();
  const headers = ["Accept", "*/*", "AUTHORIZATION", "Bearer s3cret", "Cookie", "a=s3cret", "cookie", ""];
  headers.push("X-Api-Key", "s3cret", "X-Api-Keys", "shown", "Set-Cookie", "sid=s3cret\u00ff");
  const sealed = seal(headers);
  assert.deepEqual(
    sealed.filter((_, i) => i % 2 === 0),
    headers.filter((_, i) => i % 2 === 0),
  );
  assert.deepEqual(
    sealed.map((text) => isSealed(text)),
    headers.map((_, i) => [3, 5, 7, 9, 13].includes(i)),
  );
  assert.ok(!sealed.join().includes("s3cret"));
  assert.deepEqual(open(sealed), headers);
});

test("headers without a secret are handed on, not copied", () => {
  const { seal, open } = vault();
  const headers = ["Host", "a", "Content-Type", "text/plain"];
  assert.equal(seal(headers), headers);
  assert.equal(open(headers), headers);
});

test("what is sealed already is not sealed again", () => {
  const { seal } = vault();
  const sealed = seal(["Cookie", "a"]);
  assert.equal(seal(sealed), sealed);
});

test("the same value is sealed differently every time", () => {
  const { seal } = vault();
  assert.notDeepEqual(seal(["Cookie", "a"]), seal(["Cookie", "a"]));
});

test("the next process opens what this one has sealed", () => {
  const key = randomBytes(32);
  assert.deepEqual(vault(key).open(vault(key).seal(["Cookie", "a"])), ["Cookie", "a"]);
});

const sealedCookie = (key: Buffer): string => vault(key).seal(["Cookie", "s3cret"])[1] as string;

test("another key, another field, any changed byte: nothing is opened", () => {
  const key = randomBytes(32);
  const sealed = sealedCookie(key);
  const refused = { code: "storage_failed", message: /sealed with another key, or is damaged/ };
  assert.throws(() => vault().open(["Cookie", sealed]), refused);
  assert.throws(() => vault(key).open(["X-Shown", sealed]), refused);
  const bytes = Buffer.from(sealed.slice(2), "base64url");
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i] = (changed[i] as number) ^ 1;
    assert.throws(() => vault(key).open(["Cookie", `\x001${changed.toString("base64url")}`]), refused);
  }
  for (const cut of ["", "\0", "\x001", "\x002", sealed.slice(0, 40), sealed.slice(0, -1)].slice(1)) {
    assert.throws(() => vault(key).open(["Cookie", cut]), refused);
  }
});

test("a field's name may be in another case when it is opened", () => {
  const key = randomBytes(32);
  assert.deepEqual(vault(key).open(["cookie", sealedCookie(key)]), ["cookie", "s3cret"]);
});

test("every value comes back", () => {
  const { seal, open } = vault();
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      if (!isSealed(value)) assert.deepEqual(open(seal(["Cookie", value])), ["Cookie", value]);
    }),
  );
});

test("what is a secret can change", () => {
  const fields = createSecretFields(["x-old", "host"]);
  const { seal } = createVault(randomBytes(32), fields);
  assert.ok(fields.has("X-OLD") && !fields.has("Host"), "routes of stored requests are found by their Host");
  fields.configure(["x-a-name-that-is-longer-than-all-of-the-others"]);
  const headers = [
    "X-Old",
    "shown",
    "X-A-Name-That-Is-Longer-Than-All-Of-The-Others",
    "secret",
    "Cookie",
    "c",
  ];
  assert.deepEqual(
    seal(headers).map((text) => isSealed(text)),
    [false, false, false, true, false, true],
  );
});

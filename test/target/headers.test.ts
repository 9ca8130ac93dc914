import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { forwardableHeaders, storableResponseHeaders, viaEntry } from "../../src/target/headers.ts";

const HOP_BY_HOP = [
  "Connection",
  "Keep-Alive",
  "Proxy-Connection",
  "TE",
  "Trailer",
  "Transfer-Encoding",
  "Upgrade",
];
const REQUEST_ONLY = [
  "Expect",
  "HTTP2-Settings",
  "Proxy",
  "Proxy-Authenticate",
  "Proxy-Authorization",
  "Proxy-Any",
];
const REFRAMED = ["Content-Length", "Host"];
const OURS = ["Headgate-Priority", "Headgate-Task-Id", "headgate_task_id", "HEADGATE-ANYTHING"];
const PROTECTED = [
  "Authorization",
  "Cookie",
  "Content-Type",
  "Idempotency-Key",
  "Forwarded",
  "X-Forwarded-For",
  "Via",
];

function raw(...headers: readonly string[]): Buffer[] {
  return headers.map((text) => Buffer.from(text, "latin1"));
}

/** Upper and lower case, mixed. */
function anyCase(names: readonly string[]): fc.Arbitrary<string> {
  return fc.constantFrom(...names).chain((name) => fc.mixedCase(fc.constant(name)));
}

const endToEnd = fc.constantFrom(
  "Accept",
  "accept",
  "X-A",
  "x-a",
  "Set-Cookie",
  "__proto__",
  "priority",
  "proxyish",
  "host-name",
);
const value = fc.string({ unit: fc.constantFrom("a", " ", ",", "\u00e9", ";", "close") });

test("whatever comes in, no field about the connection goes on, and the rest keeps its order, case and duplicates", () => {
  const field = fc.oneof(
    fc.tuple(endToEnd, value, fc.constant(true)),
    fc.tuple(
      anyCase([...HOP_BY_HOP.slice(1), ...REQUEST_ONLY, ...REFRAMED, ...OURS]),
      value,
      fc.constant(false),
    ),
    fc.tuple(
      anyCase(["Connection"]),
      fc.constantFrom("keep-alive", "close", "x-named", "X-Named , TE"),
      fc.constant(false),
    ),
  );
  fc.assert(
    fc.property(fc.array(field), (fields) => {
      const sent = forwardableHeaders(
        fields.flatMap(([name, text]) => [name, text]),
        false,
      );
      assert.deepEqual(
        sent,
        fields.flatMap(([name, text, kept]) => (kept ? [name, text] : [])),
      );
    }),
  );
});

test("fields that Connection names are removed, wherever they stand and however they are written", () => {
  const headers = [
    "X-A",
    "1",
    "connection",
    "x-a,, X-b ",
    "x-B",
    "2",
    "X-C",
    "3",
    "CONNECTION",
    "x-d",
    "X-D",
    "4",
  ];
  assert.deepEqual(forwardableHeaders(headers, false), ["X-C", "3"]);
});

test("Connection cannot remove what others rely on", () => {
  const headers = PROTECTED.flatMap((name) => [name, "kept"]);
  assert.deepEqual(forwardableHeaders(["Connection", PROTECTED.join(", "), ...headers], false), headers);
});

test("the client's Host goes on only when it is asked for", () => {
  const headers = ["Host", "client.example", "X-A", "1"];
  assert.deepEqual(forwardableHeaders(headers, false), ["X-A", "1"]);
  assert.deepEqual(forwardableHeaders(headers, true), headers);
});

test("look-alikes that CGI and WSGI fold into a field of ours go no further than it", () => {
  const names = ["Content_Length", "TRANSFER_ENCODING", "keep_alive", "Proxy_Connection", "HTTP2_Settings"];
  const headers = [...names, "X_A"].flatMap((name) => [name, "1"]);
  assert.deepEqual(forwardableHeaders(headers, false), ["X_A", "1"]);
  // In an answer nobody folds them.
  assert.deepEqual(storableResponseHeaders(raw(...headers)), headers);
});

test("of an answer everything stays but the fields about the connection", () => {
  const kept = [
    "Content-Length",
    "5",
    "Set-Cookie",
    "a",
    "set-cookie",
    "b",
    "Proxy-Status",
    "x",
    "X-Latin",
    "\u00e9\u00ff",
  ];
  const dropped = [...HOP_BY_HOP, "Proxy-Authenticate", "Proxy-Authentication-Info"].flatMap((name) => [
    name,
    "x-named",
  ]);
  assert.deepEqual(storableResponseHeaders(raw(...dropped, ...kept, "X-Named", "1")), kept);
});

test("header names from a target cannot reach a prototype", () => {
  const headers = ["__proto__", "polluted", "constructor", "x"];
  assert.deepEqual(storableResponseHeaders(raw(...headers)), headers);
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

test("a Via entry is a protocol and a pseudonym", () => {
  assert.equal(viaEntry("headgate-7f3a"), "1.1 headgate-7f3a");
});

test("header bytes are decoded alike, wherever the pieces lie in memory", () => {
  const pieces = ["A", "1", "Set-Cookie", "\u00e9\u0000\u00ff", "", "", "Date", "x".repeat(300)];
  const together = Buffer.from(pieces.join("##"), "latin1");
  let at = 0;
  const inOneRead = pieces.map((text) => {
    const piece = together.subarray(at, at + text.length);
    at += text.length + 2;
    return piece;
  });
  assert.deepEqual(storableResponseHeaders(inOneRead), pieces);
  const apart = pieces.map((text) => Buffer.from(new Uint8Array(Buffer.from(text, "latin1"))));
  assert.deepEqual(storableResponseHeaders(apart), pieces);
  assert.deepEqual(storableResponseHeaders([...inOneRead.slice(0, 3), ...apart.slice(3)]), pieces);
  assert.deepEqual(storableResponseHeaders([...apart.slice(0, 3), ...inOneRead.slice(3)]), pieces);
  assert.deepEqual(storableResponseHeaders([...inOneRead.slice(4), ...inOneRead.slice(0, 4)]), [
    ...pieces.slice(4),
    ...pieces.slice(0, 4),
  ]);
  assert.deepEqual(storableResponseHeaders([]), []);
});

import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, test } from "node:test";
import { createOriginReader, type Origin } from "../../src/intake/forwarded.ts";

/** The origin of a request with these fields from this peer. */
function originOf(
  remoteAddress: string | undefined,
  raw: readonly string[],
  trusted: readonly string[] = [],
): Origin {
  const headers: Record<string, string> = {};
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] ?? "").toLowerCase();
    headers[name] = headers[name] === undefined ? (raw[i + 1] ?? "") : `${headers[name]}, ${raw[i + 1]}`;
  }
  const request = { rawHeaders: raw, headers, socket: { remoteAddress } };
  return createOriginReader(trusted)(request as unknown as IncomingMessage);
}

describe("from anybody", () => {
  test("forwarding fields are replaced, and the rest stays as it came", () => {
    const raw = ["Host", "gate:8080", "X-FORWARDED-FOR", "6.6.6.6", "forwarded", "for=6.6.6.6"];
    const more = ["x-forwarded-port", "1", "X-Forwarded-Prefix", "/p", "X-A", "1", "x-a", "2", "Fort", "x"];
    assert.deepEqual(originOf("192.0.2.1", [...raw, ...more]), {
      headers: [
        "Host",
        "gate:8080",
        "X-A",
        "1",
        "x-a",
        "2",
        "Fort",
        "x",
        "Forwarded",
        'for=192.0.2.1;host="gate:8080";proto=http',
        "X-Forwarded-For",
        "192.0.2.1",
        "X-Forwarded-Proto",
        "http",
        "X-Forwarded-Host",
        "gate:8080",
      ],
      scheme: "http",
      host: "gate:8080",
      address: "192.0.2.1",
    });
  });

  for (const name of ["X-Real-IP", "X_Real_IP", "X_Forwarded_For", "x-forwarded_proto", "X_FORWARDED_HOST"]) {
    test(`${name} is dropped`, () => {
      assert.deepEqual(originOf("192.0.2.1", [name, "6.6.6.6"]), originOf("192.0.2.1", []));
    });
  }

  test("IPv6 is bracketed and quoted in Forwarded and bare elsewhere; IPv4 in IPv6 is IPv4", () => {
    const six = originOf("2001:db8::1", []);
    assert.deepEqual(six.headers.slice(0, 4), [
      "Forwarded",
      'for="[2001:db8::1]";proto=http',
      "X-Forwarded-For",
      "2001:db8::1",
    ]);
    assert.equal(originOf("fe80::1%eth0", []).address, "fe80::1");
    assert.equal(originOf("::ffff:192.0.2.1", []).address, "192.0.2.1");
  });

  test("a peer that is gone already is unknown", () => {
    const { headers, address } = originOf(undefined, ["Host", "a"]);
    assert.deepEqual(headers.slice(2, 5), [
      "Forwarded",
      "for=unknown;host=a;proto=http",
      "X-Forwarded-Proto",
    ]);
    assert.equal(address, "unknown");
  });
});

describe("from a trusted proxy", () => {
  const TRUSTED = ["10.0.0.0/8", "2001:db8::/32", "192.0.2.9"];

  test("lists are continued in one line, and scheme and host are believed", () => {
    const raw = ["Host", "inner", "X-Forwarded-For", "1.1.1.1", "x-forwarded-for", "10.0.0.7"];
    const more = ["X-Forwarded-Proto", "https", "X-Forwarded-Host", "shop.example"];
    assert.deepEqual(originOf("10.1.2.3", [...raw, ...more], TRUSTED), {
      headers: [
        "Host",
        "inner",
        "Forwarded",
        "for=10.1.2.3;host=inner;proto=http",
        "X-Forwarded-For",
        "1.1.1.1, 10.0.0.7, 10.1.2.3",
        "X-Forwarded-Proto",
        "https",
        "X-Forwarded-Host",
        "shop.example",
      ],
      scheme: "https",
      host: "shop.example",
      address: "1.1.1.1",
    });
  });

  test("the client is the nearest hop that nobody trusted vouches for", () => {
    const via = (list: string): string => originOf("192.0.2.9", ["X-Forwarded-For", list], TRUSTED).address;
    assert.equal(via("6.6.6.6, 1.1.1.1, 10.0.0.7"), "1.1.1.1");
    assert.equal(via("10.0.0.1, 10.0.0.2"), "192.0.2.9");
    assert.equal(via("1.1.1.1:4711"), "1.1.1.1");
    assert.equal(via("1.1.1.1, nonsense"), "192.0.2.9");
  });

  test("Forwarded is understood: quotes, brackets, ports, case", () => {
    const field = 'For="[2001:db9::1]:4711";Proto=HTTPS;host="shop.example:8443", for=10.0.0.1;proto=http';
    const origin = originOf("::ffff:10.0.0.2", ["Forwarded", field], TRUSTED);
    assert.equal(origin.address, "2001:db9::1");
    assert.equal(origin.scheme, "https");
    assert.equal(origin.host, "shop.example:8443");
    assert.equal(origin.headers[1], `${field}, for=10.0.0.2;proto=http`);
  });

  /** The fields that were written, by name. */
  function written(...raw: string[]): Record<string, string> {
    const { headers } = originOf("10.0.0.1", ["Host", "inner", ...raw], TRUSTED);
    const entries: [string, string][] = [];
    for (let i = 2; i < headers.length; i += 2) entries.push([headers[i] ?? "", headers[i + 1] ?? ""]);
    return Object.fromEntries(entries);
  }

  const OURS = "for=10.0.0.1;host=inner;proto=http";
  const PLAIN = {
    Forwarded: OURS,
    "X-Forwarded-For": "10.0.0.1",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "inner",
  };

  test("a host that is none is not believed and not passed on", () => {
    const origin = originOf("10.0.0.1", ["Host", "inner", "X-Forwarded-Host", "evil/path"], TRUSTED);
    assert.equal(origin.host, "inner");
    assert.deepEqual(written("X-Forwarded-Host", "evil/path"), PLAIN);
  });

  for (const [name, value] of [
    ["X-Forwarded-Proto", "javascript"],
    ["X-Forwarded-Host", "u@evil"],
    ["X-Forwarded-Port", "80;evil"],
    ["X-Forwarded-For", "<script>"],
    ["X_Forwarded_For", "6.6.6.6"],
    ["Forwarded", "for=6.6.6.6;proto=gopher"],
    ["Forwarded", 'for=6.6.6.6;host="evil/path"'],
    ["Forwarded", 'for="6.6.6.6'],
    ["Forwarded", "for=6.6.6.6;for=1.1.1.1"],
    ["Forwarded", "nonsense"],
  ] as const) {
    test(`${name}: ${value} is dropped`, () => assert.deepEqual(written(name, value), PLAIN));
  }

  test("a malformed member goes with those before it, which nobody vouches for", () => {
    const list = written("X-Forwarded-For", "6.6.6.6, nonsense, 10.0.0.3")["X-Forwarded-For"];
    assert.equal(list, "10.0.0.3, 10.0.0.1");
    const field = "for=6.6.6.6;proto=https, for=a b, for=10.0.0.3";
    assert.equal(written("Forwarded", field)["Forwarded"], `for=10.0.0.3, ${OURS}`);
  });

  test("when Forwarded and its relatives disagree, Forwarded is right", () => {
    const field = 'for=1.1.1.1;proto=https;host="shop.example:8443";by=_a';
    const relatives = ["X-Forwarded-Proto", "http", "X-Forwarded-Host", "other", "X-Forwarded-Port", "80"];
    assert.deepEqual(written("Forwarded", field, ...relatives), {
      Forwarded: `${field}, ${OURS}`,
      "X-Forwarded-For": "1.1.1.1, 10.0.0.1",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "shop.example:8443",
    });
  });

  test("what is sound passes", () => {
    const raw = ["X-Real-IP", "1.1.1.1", "X-Forwarded-Port", "8443", "X-Forwarded-Prefix", "/p"];
    assert.deepEqual(written(...raw), {
      "X-Real-IP": "1.1.1.1",
      "X-Forwarded-Prefix": "/p",
      ...PLAIN,
      "X-Forwarded-Port": "8443",
    });
  });
});

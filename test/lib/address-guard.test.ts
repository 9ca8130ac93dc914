import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createAddressGuard, mayBeCalled } from "../../src/lib/address-guard.ts";

const FORBIDDEN = [
  ["unspecified", "0.0.0.0", "::"],
  ["loopback", "127.0.0.1", "127.255.255.254", "::1"],
  ["private", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
  ["shared (CGNAT)", "100.64.0.1"],
  ["link-local", "169.254.169.254", "fe80::1"],
  ["unique local", "fc00::1", "fd12:3456::1"],
  ["site-local", "fec0::1"],
  ["multicast and broadcast", "224.0.0.1", "255.255.255.255", "ff02::1"],
  ["reserved, benchmarks, documentation", "240.0.0.1", "198.18.0.1", "192.0.2.1", "2001:db8::1"],
  ["IPv4-mapped", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1"],
  ["IPv4-compatible", "::127.0.0.1", "::7f00:1"],
  ["NAT64", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1"],
  ["6to4", "2002:7f00:1::"],
  ["Teredo", "2001::7f00:1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
  ["no address", "localhost", "", "1.2.3"],
] as const;

describe("without permission no connection is made to what is not public", () => {
  const isAllowed = createAddressGuard([]);
  for (const [what, ...addresses] of FORBIDDEN) {
    test(what, () => {
      for (const address of addresses) assert.equal(isAllowed(address), false, address);
    });
  }
  test("public ones are", () => {
    for (const address of ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1"]) {
      assert.equal(isAllowed(address), true, address);
    }
  });
});

test("the configuration allows addresses and ranges, and no others", () => {
  const isAllowed = createAddressGuard(["10.1.0.0/16", "127.0.0.1", "fd00::/8", "::1"]);
  for (const address of ["10.1.2.3", "127.0.0.1", "::ffff:10.1.2.3", "fd00::5", "::1"]) {
    assert.equal(isAllowed(address), true, address);
  }
  for (const address of ["10.2.0.1", "127.0.0.2", "fc00::1", "169.254.169.254"]) {
    assert.equal(isAllowed(address), false, address);
  }
});

test("a URL says itself that it may not be called by an address, or by a name of this machine", () => {
  const isPublic = createAddressGuard([]);
  for (const host of [
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0",
    "127.0.0.1.",
    "[::1]",
    "[::ffff:10.0.0.1]",
    "169.254.169.254",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
  ]) {
    assert.equal(mayBeCalled(new URL(`http://${host}:9/`), isPublic), false, host);
  }
  for (const host of ["1.1.1.1", "[2606:4700:4700::1111]", "internal.example", "localhost.example"]) {
    assert.equal(mayBeCalled(new URL(`http://${host}/`), isPublic), true, host);
  }
  const isOurs = createAddressGuard(["127.0.0.0/8"]);
  for (const host of ["127.0.0.1", "localhost"])
    assert.equal(mayBeCalled(new URL(`http://${host}/`), isOurs), true);
});

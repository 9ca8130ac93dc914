import assert from "node:assert/strict";
import { test } from "node:test";
import { flawOfHost, flawOfTargetUrl, isLoopback, urlOf } from "../../src/config/address.ts";

test("a host is a name or an address, alone", () => {
  for (const host of [
    "192.168.1.100",
    "localhost",
    "models.internal",
    "my_service",
    "::1",
    "[::1]",
    "fe80::1",
    "bücher.example",
  ]) {
    assert.equal(flawOfHost(host), null, host);
  }
  for (const host of [
    "",
    "a b",
    "a/b",
    "a?b",
    "a#b",
    "u@h",
    "999.1.1.1",
    "[::1",
    "a\\b",
    "a\tb",
    "::g",
    "\u0000",
  ]) {
    assert.match(flawOfHost(host) ?? "", /be a host/, host);
  }
  assert.match(flawOfHost("http://192.168.1.100") ?? "", /--target/);
  for (const host of ["192.168.1.100:8000", "[::1]:8000"])
    assert.match(flawOfHost(host) ?? "", /without a port/);
  assert.match(flawOfHost("fe80::1%eth0") ?? "", /zone/);
});

test("a target is an http or https URL that names no secret", () => {
  for (const url of ["http://h", "https://h/", "HTTP://h:8000/v1/", "http://[::1]:8000", "http://h/a%20b"]) {
    assert.equal(flawOfTargetUrl(url), null, url);
  }
  const flaws: Record<string, RegExp> = {
    "ftp://h": /begin with http/,
    "192.168.1.100:8000": /begin with http/,
    "http:h": /begin with http/,
    "http:///h": /begin with http/,
    "http:\\\\h": /begin with http/,
    "http://h\\x": /be a URL/,
    "http://h\t": /be a URL/,
    "http://[::1": /be a URL/,
    "http://h:99999": /be a URL/,
    "http://h:0": /port 0/,
    "http://user@h": /user name or password/,
    "http://u:p@h": /user name or password/,
    "http://h?a=1": /query or fragment/,
    "http://h/?": /query or fragment/,
    "http://h/#x": /query or fragment/,
  };
  for (const [url, flaw] of Object.entries(flaws)) assert.match(flawOfTargetUrl(url) ?? "", flaw, url);
});

test("IPv6 gets its brackets", () => {
  assert.equal(urlOf("::1", 8000).href, "http://[::1]:8000/");
  assert.equal(urlOf("[::1]", 8000).href, "http://[::1]:8000/");
  assert.equal(urlOf("192.168.1.100", 80).origin, "http://192.168.1.100");
});

test("loopback", () => {
  for (const host of ["127.0.0.1", "127.9.9.9", "::1", "localhost", "a.localhost", "::ffff:127.0.0.1"]) {
    assert.equal(isLoopback(host), true, host);
  }
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "localhost.example", "::ffff:10.0.0.1", "128.0.0.1"]) {
    assert.equal(isLoopback(host), false, host);
  }
});

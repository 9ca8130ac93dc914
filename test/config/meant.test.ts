import assert from "node:assert/strict";
import { test } from "node:test";
import { meantDuration, meantMethod, meantRate, meantSize, missingSpace } from "../../src/config/meant.ts";

test("durations, rates and sizes in the units that people write", () => {
  const durations = ["30sec", "500 ms", "1.5 Hours", "5 mins", "2day", " 3 s ", "soon", "5 lightyears", "5"];
  assert.deepEqual(durations.map(meantDuration), [
    "30s",
    "500ms",
    "1.5h",
    "5m",
    "2d",
    "3s",
    null,
    null,
    null,
  ]);
  const rates = ["5/sec", "10 / minute", "3 per hour", "50/w", "50", "1.5/s"];
  assert.deepEqual(rates.map(meantRate), ["5/s", "10/m", "3/h", null, null, null]);
  const sizes = ["64 MiB", "64mib", "1gb", "7 b", "1G", "b"];
  assert.deepEqual(sizes.map(meantSize), ["64MiB", "64MiB", "1GB", "7B", null, null]);
});

test("methods that are one slip away, and no others", () => {
  const slips = { GTE: "GET", PSOT: "POST", pots: "POST", DELET: "DELETE", PATCHH: "PATCH", HAED: "HEAD" };
  for (const [slip, method] of Object.entries(slips)) assert.equal(meantMethod(slip), method, slip);
  // From the IANA registry, and some that services use besides.
  const others =
    "ACL BIND COPY LABEL LINK LOCK MERGE MKCOL MOVE ORDERPATCH PRI PROPFIND PROPPATCH QUERY REPORT";
  const more = "SEARCH UNLINK UNLOCK UPDATE LIST PURGE PUSH BAN SUBSCRIBE G";
  for (const method of `${others} ${more} get GET POST PATCH`.split(" ")) {
    assert.equal(meantMethod(method), null, method);
  }
});

test("a colon without its space", () => {
  for (const text of ["match:/a", "target:http://a", "max-body:1"])
    assert.notEqual(missingSpace(text), "", text);
  for (const text of ["a", "a: b", "a:", "http://a", "/a:b"]) assert.equal(missingSpace(text), "", text);
});

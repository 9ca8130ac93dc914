import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { load, problemsOf, type Sources, targetOf } from "./loading.ts";

const TARGET = { "target-host": "h" };

test("defaults are the founding document's", () => {
  const { config } = load({ flags: TARGET });
  assert.equal(targetOf(config).href, "http://h:8000/");
  assert.equal(config.listenHost, "0.0.0.0");
  assert.equal(config.listenPort, 8080);
  assert.equal(config.maxConcurrent, 10);
  assert.equal(config.maxQueueSize, 100);
  assert.equal(config.numWorkers, 5);
  assert.equal(config.taskTimeoutMs, 600_000);
  assert.equal(config.longTaskThresholdMs, 300_000);
  assert.equal(config.retentionMs, 604_800_000);
  assert.equal(config.maxBodyBytes, 2 ** 30);
  assert.deepEqual(config.trustedProxies, []);
  assert.equal(config.preserveHost, false);
  assert.match(config.dataDir, /^\/.*\/headgate-data$/);
});

describe("a flag wins over a variable, a variable over the file, the file over the default", () => {
  const flags = { ...TARGET, "num-workers": "4" };
  const environment = { HEADGATE_NUM_WORKERS: "3" };
  const file = "num_workers: 2\n";
  const steps: [Sources, number, string][] = [
    [{ flags: TARGET }, 5, "default"],
    [{ flags: TARGET, file }, 2, "headgate.yaml:1"],
    [{ flags: TARGET, file, environment }, 3, "HEADGATE_NUM_WORKERS"],
    [{ flags, file, environment }, 4, "--num-workers"],
    [{ flags, environment }, 4, "--num-workers"],
  ];
  for (const [sources, expected, origin] of steps) {
    test(origin, () => {
      const { config, effective } = load(sources);
      assert.equal(config.numWorkers, expected);
      const workers = effective.find(({ option }) => option.name === "num-workers");
      assert.deepEqual([workers?.text, workers?.origin], [String(expected), origin]);
    });
  }
});

test("every spelling reaches its field", () => {
  const environment = {
    HEADGATE_TARGET: "https://h/base//",
    HEADGATE_PRESERVE_HOST: "1",
    HEADGATE_TRUSTED_PROXIES: "10.0.0.0/8, ::1",
    HEADGATE_MAX_BODY: "10MB",
    HEADGATE_LISTEN_HOST: "[::1]",
  };
  const file =
    "drain_timeout: 5\nretention: 2h\nmin_free_disk: 0\nlocale: zh\ncontrol_prefix: /_headgate/x\n";
  const { config } = load({ environment, file });
  assert.equal(targetOf(config).href, "https://h/base");
  assert.equal(config.preserveHost, true);
  assert.deepEqual(config.trustedProxies, ["10.0.0.0/8", "::1"]);
  assert.equal(config.maxBodyBytes, 10_000_000);
  assert.equal(config.listenHost, "::1");
  assert.equal(config.drainTimeoutMs, 5_000);
  assert.equal(config.retentionMs, 7_200_000);
  assert.equal(config.minFreeDiskBytes, 0);
  assert.equal(config.locale, "zh");
  assert.equal(config.controlPrefix, "/_headgate/x");
});

test("logs are pretty on a terminal unless told otherwise", () => {
  assert.equal(load({ flags: TARGET, terminal: true }).config.logFormat, "pretty");
  assert.equal(load({ flags: TARGET, terminal: false }).config.logFormat, "json");
  assert.equal(load({ flags: { ...TARGET, "log-format": "json" }, terminal: true }).config.logFormat, "json");
});

describe("the target", () => {
  const target = { target: "http://t" };
  test("is required", () => {
    assert.deepEqual(problemsOf({}).length, 1);
    assert.match(problemsOf({})[0]!, /^--target-host: is required/);
  });
  test("IPv6", () =>
    assert.equal(targetOf(load({ flags: { "target-host": "::1" } }).config).host, "[::1]:8000"));
  test("is not named in both ways in one place", () => {
    const both = problemsOf({ flags: { ...target, "target-host": "h" } });
    assert.deepEqual(both, [
      "--target-host h: contradicts --target http://t; give either --target, or --target-host and --target-port",
    ]);
    assert.match(
      problemsOf({ flags: { ...target, "target-port": "9" } })[0]!,
      /^--target-port 9: contradicts/,
    );
    assert.match(
      problemsOf({ file: "target: http://t\ntarget_host: h\n" })[0]!,
      /^headgate\.yaml:2: target_host: "h": contradicts headgate\.yaml:1: target: "http:\/\/t"/,
    );
  });
  test("is replaced by a stronger source, in either way", () => {
    const host = load({ flags: { "target-host": "h" }, file: "target: http://t\n" });
    assert.equal(targetOf(host.config).host, "h:8000");
    assert.equal(host.effective.find(({ option }) => option.name === "target")?.text, null);
    const url = load({
      flags: target,
      environment: { HEADGATE_TARGET_HOST: "h", HEADGATE_TARGET_PORT: "9" },
    });
    assert.equal(targetOf(url.config).host, "t");
    assert.equal(url.effective.find(({ option }) => option.name === "target-port")?.text, null);
  });
  test("a port alone does not change a URL", () =>
    assert.match(
      problemsOf({ flags: { "target-port": "9" }, file: "target: http://t\n" })[0]!,
      /contradicts/,
    ));
  test("a wrong one is not called missing too", () => {
    const problems = problemsOf({ flags: { "target-host": "a b" } });
    assert.deepEqual(problems, ["--target-host a b: must be a host name or an IP address"]);
  });
});

test("every problem is told at once, overridden values included, each as it was written", () => {
  const problems = problemsOf({
    flags: { "max-concurrent": "0", target: "http://user:secret@h", "listen-port": "8080" },
    environment: { HEADGATE_STORE: "disk", HEADGATE_LISTEN_PORT: "99999", HEADGATE_MAX_CONCURENT: "3" },
    file: "retention: soon\nnum_workers: '5'\ntrusted_proxies: [10.0.0.0/8, nonsense]\n",
  });
  assert.deepEqual(problems, [
    "HEADGATE_MAX_CONCURENT: is no option; did you mean HEADGATE_MAX_CONCURRENT?",
    `headgate.yaml:1: retention: "soon": must be a duration from 1s to 3650d such as 30s, 10m, 2h or 7d; a bare number is seconds`,
    `headgate.yaml:2: num_workers: "5": must be a whole number from 1 to 100000; without quotes`,
    `headgate.yaml:3: trusted_proxies: ["10.0.0.0/8","nonsense"]: must be a list of IP addresses and CIDR ranges such as 10.0.0.0/8 or ::1 (separated by commas outside the file)`,
    "HEADGATE_STORE=disk: must be one of sqlite, memory",
    "HEADGATE_LISTEN_PORT=99999: must be a whole number from 0 to 65535",
    "--target http://***@h: must not carry a user name or password (they would show in logs; have clients send Authorization, which is forwarded)",
    "--max-concurrent 0: must be a whole number from 1 to 100000",
  ]);
});

describe("wrong values, by kind", () => {
  const wrong: Record<string, readonly string[]> = {
    "num-workers": ["0", "-1", "1.5", "1e3", "0x10", "", " 1", "100001", "NaN"],
    "listen-port": ["-1", "65536", "http"],
    "task-timeout": ["0", "-1s", "1 s", "soon", "3651d"],
    "max-body": ["-1", "1G", "2000TiB"],
    store: ["SQLite", ""],
    "preserve-host": ["yes", "2"],
    "control-prefix": ["_headgate", "/", "/a/", "/a//b", "/a b", "/../a", "/a/.", "/a%20"],
    "trusted-proxies": ["10.0.0.0/33", "10.0.0", "localhost", "10.0.0.0/8 ::1"],
    "data-dir": ["", "a\0b"],
    "listen-host": ["", "0.0.0.0:8080"],
  };
  for (const [name, texts] of Object.entries(wrong)) {
    test(name, () => {
      for (const text of texts) {
        const problems = problemsOf({ flags: { ...TARGET, [name]: text } });
        assert.equal(problems.length, 1, `${name} ${text}: ${problems.join("\n")}`);
        assert.match(problems[0]!, new RegExp(`^--${name} .*: must `));
      }
    });
  }
});

test("words and quantities that are nearly right", () => {
  const flags = { ...TARGET, store: "SQLite", "max-body": "1 gb", "task-timeout": "5 min" };
  assert.deepEqual(
    problemsOf({ flags, environment: { HEADGATE_LOG_LEVEL: "warning" } }).map((problem) =>
      problem.replace(/ must .*;/, ""),
    ),
    [
      "HEADGATE_LOG_LEVEL=warning: did you mean warn?",
      "--task-timeout 5 min: did you mean 5m?",
      "--max-body 1 gb: did you mean 1GB?",
      "--store SQLite: did you mean sqlite?",
    ],
  );
});

test("control characters of a value do not reach the terminal", () => {
  const [problem] = problemsOf({ flags: { ...TARGET, store: "\u001b[2J\n" } });
  assert.equal(problem, '--store "\\u001b[2J\\n": must be one of sqlite, memory');
});

describe("the environment", () => {
  test("an empty variable is not set", () =>
    assert.equal(load({ flags: TARGET, environment: { HEADGATE_NUM_WORKERS: "" } }).config.numWorkers, 5));
  test("what Kubernetes makes for a service named headgate is ignored", () => {
    const environment = {
      HEADGATE_SERVICE_HOST: "10.0.0.1",
      HEADGATE_SERVICE_PORT: "8080",
      HEADGATE_SERVICE_PORT_HTTP: "8080",
      HEADGATE_PORT: "tcp://10.0.0.1:8080",
      HEADGATE_PORT_8080_TCP: "tcp://10.0.0.1:8080",
      HEADGATE_PORT_8080_TCP_ADDR: "10.0.0.1",
    };
    assert.deepEqual(problemsOf({ flags: TARGET, environment }), []);
  });
  test("other names that look alike are not", () => {
    const environment = { HEADGATE_PORT: "8080", HEADGATE_TARGET_PROT: "8000", HEADGATE_COLOUR: "red" };
    assert.deepEqual(problemsOf({ flags: TARGET, environment }), [
      "HEADGATE_PORT: is no option",
      "HEADGATE_TARGET_PROT: is no option; did you mean HEADGATE_TARGET_PORT?",
      "HEADGATE_COLOUR: is no option",
    ]);
  });
});

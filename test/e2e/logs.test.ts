// What the log tells, and what it never does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { raw, rawThen } from "../rig/behaviour.ts";
import { call, outcome, run, submit } from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { exchange } from "../rig/raw-client.ts";
import { startTarget } from "../rig/target.ts";

const CANARY = "canary-7f3a91";

for (const format of ["json", "pretty"]) {
  test(`--log-format ${format} --log-level trace: every kind of event, and none of the secrets that went through`, async (t) => {
    const target = await startTarget();
    t.after(() => target.close());
    const args = [
      "--log-format",
      format,
      "--log-level",
      "trace",
      "--max-attempts",
      "2",
      "--task-timeout",
      "20s",
      "--stats-interval",
      "50ms",
    ];
    const gateway = await startGateway(t, { target: target.url, args });
    const { url } = gateway;
    const secrets = [
      "Authorization",
      `Bearer ${CANARY}`,
      "Cookie",
      `session=${CANARY}`,
      "X-Api-Key",
      CANARY,
      "Proxy-Authorization",
      `Basic ${CANARY}`,
    ];
    let sent = 0;
    // A key for each: under one, another request is a mistake.
    const secret = (): { headers: string[]; body: string } => ({
      headers: [...secrets, "Idempotency-Key", `${CANARY}-${(sent += 1)}`],
      body: `{"password": "${CANARY}"}`,
    });
    const answer = `HTTP/1.1 200 OK\r\nSet-Cookie: s=${CANARY}\r\nContent-Type: text/plain\r\nContent-Length: ${CANARY.length}\r\n\r\n${CANARY}`;

    target.next(raw(answer));
    await run(url, { path: `/ok?token=${CANARY}`, ...secret() });
    target.next(
      rawThen("reset", `HTTP/1.1 200 OK\r\nX-Secret: ${CANARY}\r\nContent-Length: 100\r\n\r\n${CANARY}`),
    );
    await run(url, { path: "/ok", ...secret() });
    target.next(raw(`HTTP/1.1 999 ${CANARY}\r\n${CANARY}: ${CANARY}\r\n\r\n`));
    await run(url, { path: "/ok", ...secret() });
    await run(url, { path: "/status/503", ...secret() });
    const id = await submit(url, { path: "/hang", ...secret() });
    await target.received(7);
    await call(url, { method: "POST", path: `/task/${id}/cancel`, headers: secrets });
    await outcome(url, id);
    await exchange(
      Number(url.port),
      `POST /x HTTP/1.1\r\nHost: h\r\nHost: h\r\nAuthorization: ${CANARY}\r\nContent-Length: 13\r\n\r\n${CANARY}`,
    );
    await exchange(
      Number(url.port),
      `GET /x HTTP/1.1\r\nHost: h\r\nCookie : ${CANARY}\r\nConnection: close\r\n\r\n`,
    );
    await call(url, { path: "/tasks?limit=abc", headers: secrets });
    await call(url, {
      method: "PATCH",
      path: `/task/${id}`,
      headers: ["Content-Type", "application/json"],
      body: `{"${CANARY}`,
    });
    gateway.kill("SIGTERM");
    await gateway.exited;

    for (const line of gateway.output.split("\n")) assert.ok(!line.includes(CANARY), line);
    for (const words of [
      "task accepted",
      "attempt started",
      "attempt ended",
      "task completed",
      "task back in line",
      "task failed",
      "task cancelled",
      "statistics",
    ]) {
      assert.ok(gateway.output.includes(words), words);
    }
    if (format === "json") assert.ok(gateway.log.every(({ time, level, msg }) => time && level && msg));
  });
}

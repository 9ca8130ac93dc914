// Spans, as an OTLP receiver gets them from the real program.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { echo, status } from "../rig/behaviour.ts";
import { call, eventually, outcome, submit } from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { startTarget } from "../rig/target.ts";

interface SpanView {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly spanId: string }[];
  readonly service: string | undefined;
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: { stringValue?: string } }[] };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<SpanView, "service">[] }[];
  }[];
}

async function startReceiver(
  t: TestContext,
): Promise<{ readonly endpoint: string; readonly spans: SpanView[] }> {
  const spans: SpanView[] = [];
  async function keep(body: Promise<string>): Promise<void> {
    const { resourceSpans } = JSON.parse(await body) as Export;
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue;
      for (const span of scopeSpans.flatMap((each) => each.spans)) spans.push({ ...span, service });
    }
  }

  const server = createServer((request, response) => {
    response.setHeader("Content-Type", "application/json");
    void keep(text(request)).then(() => response.end("{}"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close().closeAllConnections());
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
}

const TRACE = "0af7651916cd43dd8448eb211c80319c";

test("a trace goes from the client through queue, restart and retry to the target", async (t) => {
  const { endpoint, spans } = await startReceiver(t);
  const target = await startTarget();
  t.after(() => target.close());
  const gateway = await startGateway(t, {
    target: target.url,
    wrapper: ["env", `OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`, "OTEL_BSP_SCHEDULE_DELAY=50"],
  });
  const headers = ["traceparent", `00-${TRACE}-b7ad6b7169203331-01`];
  await call(gateway.url, { method: "POST", path: "/lanes/default/pause" });
  const id = await submit(gateway.url, { path: "/later", headers });
  gateway.kill("SIGTERM");
  await gateway.exited;
  target.next(status(503), echo);
  await gateway.restart();
  await call(gateway.url, { method: "POST", path: "/lanes/default/resume" });
  assert.equal((await outcome(gateway.url, id)).status, "completed");
  const ours = await eventually(
    () => spans.filter(({ traceId }) => traceId === TRACE),
    ({ length }) => length === 3,
  );
  const accept = ours.find(({ name }) => name === "headgate.accept");
  const [first, second] = ours.filter(({ name }) => name === "headgate.attempt");
  assert.ok(accept && first && second);
  assert.deepEqual(
    ours.map(({ service }) => service),
    ["headgate", "headgate", "headgate"],
  );
  assert.equal(accept.parentSpanId, "b7ad6b7169203331");
  assert.deepEqual([first.parentSpanId, second.parentSpanId], [accept.spanId, accept.spanId]);
  assert.deepEqual(
    second.links?.map(({ spanId }) => spanId),
    [first.spanId],
  );
  assert.deepEqual(
    target.seen.map(({ headers: raw }) => raw[raw.indexOf("traceparent") + 1]),
    [first, second].map(({ spanId }) => `00-${TRACE}-${spanId}-01`),
  );
});

test("a receiver that is gone is told of in the log, and keeps nobody", async (t) => {
  const target = await startTarget();
  t.after(() => target.close());
  const impatient = ["OTEL_BSP_SCHEDULE_DELAY=50", "OTEL_EXPORTER_OTLP_TIMEOUT=300"];
  const gateway = await startGateway(t, {
    target: target.url,
    wrapper: ["env", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", ...impatient],
  });
  assert.equal((await outcome(gateway.url, await submit(gateway.url, { path: "/a" }))).status, "completed");
  await eventually(
    () => gateway.log,
    (lines) => lines.some(({ msg }) => /^spans: .*ECONNREFUSED/.test(msg)),
  );
  gateway.kill("SIGTERM");
  assert.deepEqual(await gateway.exited, { code: 0, signal: null });
});

/** A hook by which it is to Node as if the SDK were not installed. */
const NOT_INSTALLED = `
  import { registerHooks } from "node:module";
  registerHooks({
    resolve(name, context, next) {
      if (!name.startsWith("@opentelemetry/sdk")) return next(name, context);
      throw Object.assign(new Error(name), { code: "ERR_MODULE_NOT_FOUND" });
    },
  });`;

test("without the SDK there are no spans, and the log says what to install", async (t) => {
  const target = await startTarget();
  t.after(() => target.close());
  const hook = `data:text/javascript,${encodeURIComponent(NOT_INSTALLED)}`;
  const gateway = await startGateway(t, {
    target: target.url,
    wrapper: ["env", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", `NODE_OPTIONS=--import=${hook}`],
  });
  const headers = ["traceparent", `00-${TRACE}-b7ad6b7169203331-01`];
  assert.equal(
    (await outcome(gateway.url, await submit(gateway.url, { path: "/a", headers }))).status,
    "completed",
  );
  const sent = target.seen[0]!.headers;
  assert.equal(sent[sent.indexOf("traceparent") + 1], headers[1]);
  const said = gateway.log.filter(({ msg }) => msg.includes("npm install @opentelemetry/sdk-trace-node"));
  assert.equal(said.length, 1, gateway.output);
});

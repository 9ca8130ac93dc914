import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { createEmitter, type Emitter } from "../../src/lib/emitter.ts";
import { createTracing, type Send, type Tracing } from "../../src/server/tracing.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import type { Exchange } from "../../src/task/exchange.ts";
import { headerValue } from "../../src/task/header.ts";
import type { ClaimedTask, RawHeaders } from "../../src/task/task.ts";
import { call } from "../rig/client.ts";
import { claimed } from "../task/claimed.ts";

interface Stage {
  readonly tracing: Tracing;
  readonly emit: Emitter<TaskEvents>["emit"];
  readonly spans: () => readonly ReadableSpan[];
  /** Header fields as they would be stored, of a request that came with these. */
  accepted(headers?: readonly string[], status?: number): Promise<RawHeaders>;
  /** Header fields as they would be sent, of an attempt that ends like this. */
  attempted(task: Partial<ClaimedTask>, headers: RawHeaders, exchange?: Exchange): Promise<RawHeaders>;
}

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`;

const ANSWERED: Exchange = {
  kind: "answered",
  target: "http://target:8000/v1",
  response: { status: 200, headers: [], body: { kind: "empty" } },
};

function stage(t: TestContext, sdk: { readonly isOff?: boolean } | null = {}): Stage {
  const exporter = new InMemorySpanExporter();
  if (sdk !== null) {
    const spanProcessors = [new SimpleSpanProcessor(exporter)];
    const sampler = sdk.isOff === true ? { sampler: new AlwaysOffSampler() } : {};
    new NodeTracerProvider({ spanProcessors, ...sampler }).register();
  }
  t.after(() => [trace, context, propagation].forEach((each) => each.disable()));
  const events = createEmitter<TaskEvents>(assert.fail);
  const tracing = createTracing(events);
  let sent: RawHeaders = [];
  let ending = ANSWERED;
  const attempt = tracing.attempt(async ({ request }) => {
    sent = request.headers;
    return ending;
  });
  return {
    tracing,
    emit: events.emit,
    spans: () => exporter.getFinishedSpans(),
    async accepted(headers = [], status = 202) {
      let stored: RawHeaders = [];
      const closed = Promise.withResolvers<void>();
      const handle = tracing.accept((request, response) => {
        // As after a commit of the store.
        setImmediate(() => {
          stored = [...request.rawHeaders];
          if (status === 202) events.emit("task.accepted", ACCEPTED);
          response.once("close", () => setImmediate(closed.resolve));
          response.writeHead(status).end();
        });
      });
      const server = createServer((request, response) => handle(request, response, false)).listen(0);
      t.after(() => void server.close());
      const { port } = server.address() as AddressInfo;
      await call(new URL(`http://127.0.0.1:${port}`), { path: "/v1/a?token=secret", headers });
      server.closeIdleConnections();
      await closed.promise;
      return stored;
    },
    async attempted(overrides, headers, exchange = ANSWERED) {
      ending = exchange;
      const task = claimed(overrides);
      const request = { ...task.request, path: "/v1/a?token=secret", headers };
      const outcome = await attempt({ ...task, request }, "pool", new AbortController().signal);
      assert.equal(outcome, exchange);
      return sent;
    },
  };
}

const ACCEPTED: TaskEvents["task.accepted"] = {
  id: "task",
  lane: "images",
  client: "c",
  method: "GET",
  path: "/",
  sizeBytes: 0,
  priority: 4,
  notBefore: null,
  retryOf: null,
};

function traceparentOf(span: ReadableSpan): string {
  const { traceId, spanId } = span.spanContext();
  return `00-${traceId}-${spanId}-01`;
}

test("without an SDK everything is handed on as it is", (t) => {
  const { tracing } = stage(t, null);
  const forward = (): void => {};
  const send: Send = async () => ANSWERED;
  assert.equal(tracing.accept(forward), forward);
  assert.equal(tracing.attempt(send), send);
});

test("the way in is a span in its client's trace, and the attempt one in that", async (t) => {
  const { accepted, attempted, spans } = stage(t);
  const stored = await accepted(["traceparent", TRACEPARENT]);
  const sent = await attempted({}, stored);
  const [accept, attempt] = spans();
  assert.ok(accept && attempt);
  assert.deepEqual([accept.name, accept.kind], ["headgate.accept", SpanKind.SERVER]);
  assert.deepEqual([accept.spanContext().traceId, accept.parentSpanContext?.spanId], [TRACE, PARENT]);
  assert.deepEqual(accept.attributes, {
    "http.request.method": "GET",
    "url.path": "/v1/a",
    "headgate.task_id": "task",
    "headgate.lane": "images",
    "http.response.status_code": 202,
  });
  assert.equal(headerValue(stored, "traceparent"), traceparentOf(accept));

  assert.deepEqual([attempt.name, attempt.kind], ["headgate.attempt", SpanKind.CLIENT]);
  assert.deepEqual(
    [attempt.spanContext().traceId, attempt.parentSpanContext?.spanId],
    [TRACE, accept.spanContext().spanId],
  );
  assert.partialDeepStrictEqual(attempt.attributes, {
    "url.path": "/v1/a",
    "server.address": "target",
    "server.port": 8000,
    "http.response.status_code": 200,
    "headgate.attempt": 1,
    "headgate.outcome": "answered",
  });
  assert.equal(headerValue(sent, "traceparent"), traceparentOf(attempt));
});

test("what else a trace carries goes on as it came", async (t) => {
  const { accepted, attempted } = stage(t);
  const carried = ["tracestate", "a=1 , b=2", "tracestate", "c=3", "Baggage", "user=a ;x,  b=%20"];
  const sent = await attempted({}, await accepted(["traceparent", TRACEPARENT, ...carried]));
  const names = new Set(["tracestate", "baggage"]);
  assert.deepEqual(
    sent.filter((_, i) => names.has((sent[i & ~1] as string).toLowerCase())),
    carried,
  );
});

test("a trace begins here when there is none, and a state without a trace goes no further", async (t) => {
  const { accepted, spans } = stage(t);
  const stored = await accepted(["traceparent", "00-none", "tracestate", "a=1"]);
  const [accept] = spans();
  assert.ok(accept);
  assert.equal(accept.parentSpanContext, undefined);
  assert.equal(headerValue(stored, "traceparent"), traceparentOf(accept));
  assert.equal(headerValue(stored, "tracestate"), undefined);
});

test("a retry stands beside the attempt before and links to it", async (t) => {
  const { accepted, attempted, spans, emit } = stage(t);
  const stored = await accepted();
  await attempted({ attempt: 1, maxAttempts: 3 }, stored);
  await attempted({ attempt: 2, maxAttempts: 3 }, stored);
  const [accept, first, second] = spans();
  assert.ok(accept && first && second);
  assert.equal(second.parentSpanContext?.spanId, accept.spanContext().spanId);
  assert.deepEqual(
    second.links.map(({ context: { spanId } }) => spanId),
    [first.spanContext().spanId],
  );
  assert.equal(second.attributes["http.request.resend_count"], 1);
  const { taskId: id } = claimed().lease;
  const over = { lane: "", client: "", attempt: 2, error: null } as const;
  emit("task.ended", { ...over, id, from: "processing", state: "failed", reason: "timeout" });
  await attempted({ attempt: 3, maxAttempts: 3 }, stored);
  assert.deepEqual(spans().at(-1)?.links, [], "nothing is remembered of a task that has ended");
});

const failures: readonly [Exchange, string | undefined, SpanStatusCode][] = [
  [{ ...ANSWERED, response: { ...ANSWERED.response, status: 503 } }, "503", SpanStatusCode.ERROR],
  [
    { kind: "never_sent", target: null, error: { code: "dns_error", message: "No." } },
    "dns_error",
    SpanStatusCode.ERROR,
  ],
  [{ kind: "cancelled", target: null }, undefined, SpanStatusCode.UNSET],
];

for (const [exchange, type, code] of failures) {
  test(`an attempt that ends ${exchange.kind} (${type ?? "no error"}) says so`, async (t) => {
    const { attempted, spans } = stage(t);
    await attempted({}, [], exchange);
    const [span] = spans();
    assert.ok(span);
    assert.deepEqual([span.attributes["error.type"], span.status.code], [type, code]);
    assert.equal(span.attributes["headgate.outcome"], exchange.kind);
  });
}

test("what was put off leaves no span", async (t) => {
  const { attempted, spans } = stage(t);
  await attempted({}, [], { kind: "postponed", target: null, reason: "queued", until: null });
  assert.deepEqual(spans(), []);
});

test("what is not sampled goes on, as not sampled", async (t) => {
  const { accepted, spans } = stage(t, { isOff: true });
  const stored = await accepted(["traceparent", TRACEPARENT]);
  assert.match(headerValue(stored, "traceparent") ?? "", new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
  assert.deepEqual(spans(), []);
});

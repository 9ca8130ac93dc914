import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { Emitter } from "../lib/emitter.ts";
import { VERSION } from "../lib/version.ts";
import type { TaskEvents } from "../task/event.ts";
import { type Exchange, FROM_CACHE } from "../task/exchange.ts";
import type { ClaimedTask } from "../task/task.ts";
import { carriedBy, carrying } from "./trace-context.ts";

/** Uses up a place in the pool; never rejects. */
export type Send = (task: ClaimedTask, pool: string, signal: AbortSignal) => Promise<Exchange>;

type Forward = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => void;

/**
 * Spans for whoever loads an OpenTelemetry SDK before the server: one for the way in, from a request to its answer, and
 * one for each attempt. What the first is part of goes on in the stored request's `traceparent`, and so outlives the queue
 * and the process. Attempts stand beside each other in it; a retry links to the one before.
 *
 * Without an SDK everything is handed on as it is, and a client's `traceparent` reaches the target as it came.
 */
export interface Tracing {
  accept(forward: Forward): Forward;
  attempt(send: Send): Send;
}

export function createTracing(events: Emitter<TaskEvents>): Tracing {
  const tracer = trace.getTracer("headgate", VERSION);
  // Never ended, so never exported. Without an SDK a span has no context.
  const hasSdk = isSpanContextValid(tracer.startSpan("probe", { root: true }).spanContext());
  if (!hasSdk) return { accept: (forward) => forward, attempt: (send) => send };
  events.on("task.accepted", ({ id, lane }) =>
    trace.getActiveSpan()?.setAttributes({ "headgate.task_id": id, "headgate.lane": lane }),
  );
  events.on("task.refused", ({ code }) => trace.getActiveSpan()?.setAttribute("error.type", code));
  return {
    accept: (forward) => traceAccept(forward, tracer),
    attempt: (send) => traceAttempts(send, tracer, events),
  };
}

function traceAccept(forward: Forward, tracer: Tracer): Forward {
  return (request, response, expectsContinue) => {
    const { rawHeaders } = request;
    // A span of the user's own instrumentation has read the request's fields already.
    const around = context.active();
    const parent = trace.getSpan(around) === undefined ? carriedBy(rawHeaders, around) : around;
    const options = { kind: SpanKind.SERVER, attributes: asked(request.method ?? "", request.url ?? "") };
    const span = tracer.startSpan("headgate.accept", options, parent);
    const within = trace.setSpan(parent, span);
    // In place: what is stored is made of these.
    rawHeaders.splice(0, rawHeaders.length, ...carrying(rawHeaders, within));
    response.once("close", () => {
      if (response.headersSent) {
        span.setAttribute("http.response.status_code", response.statusCode);
        if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    });
    context.with(within, forward, undefined, request, response, expectsContinue);
  };
}

/** Of tasks that may be tried again; one that is tried after a restart links to none. */
const MOST_REMEMBERED = 10_000;

function traceAttempts(send: Send, tracer: Tracer, events: Emitter<TaskEvents>): Send {
  const latest = new Map<string, SpanContext>();
  events.on("task.ended", ({ id }) => latest.delete(id));

  function remember(id: string, span: Span): void {
    const [oldest] = latest.keys();
    if (oldest !== undefined && latest.size >= MOST_REMEMBERED) latest.delete(oldest);
    latest.set(id, span.spanContext());
  }

  return async (task, pool, signal) => {
    const { request, lease, lane, attempt } = task;
    const { taskId } = lease;
    // Whatever woke the dispatcher, a request or a timer, has nothing to do with this task.
    const parent = carriedBy(request.headers, ROOT_CONTEXT);
    const former = latest.get(taskId);
    const attributes: Attributes = {
      ...asked(request.method, request.path),
      "headgate.task_id": taskId,
      "headgate.lane": lane,
      "headgate.attempt": attempt,
    };
    if (attempt > 1) attributes["http.request.resend_count"] = attempt - 1;
    const links = former === undefined ? [] : [{ context: former }];
    const span = tracer.startSpan("headgate.attempt", { kind: SpanKind.CLIENT, attributes, links }, parent);
    const within: Context = trace.setSpan(parent, span);
    const headers = carrying(request.headers, within);
    const exchange = await context.with(
      within,
      send,
      undefined,
      { ...task, request: { ...request, headers } },
      pool,
      signal,
    );
    // Of what was put off there is nothing to tell: a span that is not ended is not exported.
    if (exchange.kind === "postponed") return exchange;
    describe(span, exchange);
    span.end();
    if (attempt < task.maxAttempts) remember(taskId, span);
    return exchange;
  };
}

/** By the semantic conventions; no query, which may carry secrets. */
function asked(method: string, target: string): Attributes {
  const end = target.indexOf("?");
  return { "http.request.method": method, "url.path": end === -1 ? target : target.slice(0, end) };
}

function describe(span: Span, exchange: Exchange): void {
  span.setAttribute("headgate.outcome", exchange.kind);
  const { target } = exchange;
  if (target === FROM_CACHE) span.setAttribute("headgate.from_cache", true);
  else if (target !== null && URL.canParse(target)) {
    const { hostname, port, protocol } = new URL(target);
    const standardPort = protocol === "https:" ? 443 : 80;
    span.setAttributes({ "server.address": hostname, "server.port": Number(port) || standardPort });
  }
  const status = statusOf(exchange);
  if (status !== null) span.setAttribute("http.response.status_code", status);
  const error = "error" in exchange ? exchange.error : null;
  if (error !== null) {
    span.setAttribute("error.type", error.code);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  } else if (status !== null && status >= 400) {
    span.setAttribute("error.type", String(status));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
}

function statusOf(exchange: Exchange): number | null {
  if (exchange.kind === "answered") return exchange.response.status;
  return exchange.kind === "too_large" ? exchange.status : null;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import type { InjectOptions } from "fastify";
import { z } from "zod";
import { targetState } from "../rig/state.ts";
import { type Control, openControl, UNKNOWN_ID, VIEW_OPTIONS } from "./control.ts";

type Json = Readonly<Record<string, unknown>>;

interface Document extends Json {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

interface Operation {
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly parameters?: readonly Json[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Json }>> }>
  >;
}

async function documentOf({ app }: Control): Promise<Document> {
  return (await app.inject("/openapi.json")).json<Document>();
}

test("every call is listed under a heading, in the order in which people look for them", async (t) => {
  const { paths, tags } = await documentOf(await openControl(t));
  const named = tags.map(({ name }) => name);
  const used = new Set(
    Object.values(paths).flatMap((calls) => Object.values(calls).flatMap((each) => each.tags)),
  );
  assert.deepEqual(named.slice(0, 2), ["One task", "Tasks"]);
  assert.deepEqual([...used].toSorted(), named.toSorted());
});

test("every call of the contract is in the document, once", async (t) => {
  const { openapi, paths } = await documentOf(await openControl(t));
  assert.match(openapi, /^3\.1\./);
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(calls.toSorted(), [
    "DELETE /keys/{name}",
    "DELETE /task/{id}",
    "DELETE /tasks/cleanup",
    "GET /",
    "GET /batches/{id}",
    "GET /events",
    "GET /healthz",
    "GET /keys",
    "GET /keys/me",
    "GET /lanes",
    "GET /lanes/{name}",
    "GET /metrics",
    "GET /openapi.json",
    "GET /readyz",
    "GET /stats",
    "GET /targets",
    "GET /task/{id}",
    "GET /task/{id}/events",
    "GET /task/{id}/request",
    "GET /task/{id}/request/body",
    "GET /task/{id}/result",
    "GET /tasks",
    "GET /webhooks/deliveries",
    "GET /webhooks/deliveries/{id}",
    "GET /webhooks/endpoints",
    "PATCH /lanes/{name}",
    "PATCH /task/{id}",
    "POST /keys",
    "POST /lanes/{name}/pause",
    "POST /lanes/{name}/resume",
    "POST /task/{id}/cancel",
    "POST /task/{id}/retry",
    "POST /tasks/batch",
    "POST /tasks/cancel",
    "POST /tasks/retry",
    "POST /webhooks/deliveries/{id}/redeliver",
    "POST /webhooks/endpoints/{name}/enable",
    "POST /webhooks/endpoints/{name}/test",
    "PUT /task/{id}/progress",
  ]);
  const ids = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => typeof id === "string"));
});

test("numbers are numbers in the document", async (t) => {
  const { paths } = await documentOf(await openControl(t));
  const parameters = paths["/tasks"]?.["get"]?.parameters ?? [];
  const limit = parameters.find(({ name }) => name === "limit");
  assert.deepEqual(limit?.["schema"], { type: "integer", minimum: 1, maximum: 1_000, default: 50 });
  assert.equal(limit?.["required"], false);
});

test("references lead somewhere and every schema is used", async (t) => {
  const document = await documentOf(await openControl(t));
  const used = new Set(JSON.stringify(document).match(/#\/components\/schemas\/[A-Za-z]+/g));
  const named = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  assert.deepEqual([...used].toSorted(), named.toSorted());
});

test("the prefix is where the document says", async (t) => {
  const viewOptions = { ...VIEW_OPTIONS, controlPrefix: "/_headgate" };
  assert.deepEqual((await documentOf(await openControl(t, { viewOptions })))["servers"], [
    { url: "/_headgate" },
  ]);
});

test("live answers are as the document says", async (t) => {
  const control = await openControl(t, {
    resubmit: async () => ({ id: UNKNOWN_ID, accepted: { position: null, pending: 3 } }),
    changeLane: async (name) => name === "default",
    targets: () => [
      targetState(),
      targetState({ circuit: "open", openUntil: 1_000, lastFailure: "connection_refused" }),
    ],
    viewOptions: { ...VIEW_OPTIONS, holdOf: () => ({ kind: "circuit_open", until: 1_000 }) },
  });
  const { app, submit, answered, failed, claim, store, clock } = control;
  const document = await documentOf(control);
  const ended = await answered(
    { status: 500, headers: ["A", "1", "A", "2"], body: "\0" },
    { labels: { a: "b" } },
  );
  const late = await failed("http_response_timeout", "timeout");
  const running = await submit();
  await claim();
  const waiting = await submit();
  const cancelled = await submit();
  await store.cancel(cancelled, clock.now());
  const cases: readonly [string, string, number, InjectOptions | string][] = [
    ["get", "/", 200, "/"],
    ["get", "/healthz", 200, "/healthz"],
    ["get", "/readyz", 200, "/readyz"],
    ["get", "/stats", 200, "/stats"],
    ["get", "/lanes", 200, "/lanes"],
    ["get", "/lanes/{name}", 200, "/lanes/default"],
    ["get", "/lanes/{name}", 404, "/lanes/other"],
    ["post", "/lanes/{name}/pause", 200, { method: "POST", url: "/lanes/default/pause" }],
    ["post", "/lanes/{name}/resume", 404, { method: "POST", url: "/lanes/other/resume" }],
    ["patch", "/lanes/{name}", 200, { method: "PATCH", url: "/lanes/default", payload: { queue: 1 } }],
    ["get", "/targets", 200, "/targets"],
    ["get", "/tasks", 200, "/tasks"],
    ["get", "/tasks", 400, "/tasks?limit=x"],
    ["get", "/task/{id}", 200, `/task/${ended}`],
    ["get", "/task/{id}", 200, `/task/${late}`],
    ["get", "/task/{id}", 200, `/task/${running}`],
    ["get", "/task/{id}", 200, `/task/${waiting}`],
    ["get", "/task/{id}", 200, `/task/${cancelled}`],
    ["get", "/task/{id}", 400, "/task/x"],
    ["get", "/task/{id}", 404, `/task/${UNKNOWN_ID}`],
    ["get", "/task/{id}/result", 202, `/task/${waiting}/result`],
    ["get", "/task/{id}/result", 410, `/task/${cancelled}/result`],
    ["get", "/task/{id}/result", 504, `/task/${late}/result`],
    ["patch", "/task/{id}", 200, { method: "PATCH", url: `/task/${waiting}`, payload: { priority: 1 } }],
    ["patch", "/task/{id}", 409, { method: "PATCH", url: `/task/${late}`, payload: { priority: 1 } }],
    ["post", "/task/{id}/cancel", 200, { method: "POST", url: `/task/${waiting}/cancel` }],
    ["post", "/task/{id}/cancel", 409, { method: "POST", url: `/task/${waiting}/cancel` }],
    ["post", "/task/{id}/retry", 202, { method: "POST", url: `/task/${late}/retry` }],
    ["delete", "/task/{id}", 200, { method: "DELETE", url: `/task/${late}` }],
    ["delete", "/tasks/cleanup", 200, { method: "DELETE", url: "/tasks/cleanup" }],
  ];
  for (const [method, path, status, request] of cases) {
    const answer = await app.inject(request);
    const name = `${method} ${path} ${status}`;
    assert.equal(answer.statusCode, status, name);
    const type = String(answer.headers["content-type"]).split(";", 1)[0] as string;
    const schema = document.paths[path]?.[method]?.responses[status]?.content?.[type]?.schema;
    assert.ok(schema, `${name} ${type}`);
    const parsed = z
      .fromJSONSchema(closed({ ...schema, $defs: document.components.schemas }))
      .safeParse(answer.json());
    assert.ok(parsed.success, `${name}: ${parsed.error && z.prettifyError(parsed.error)}\n${answer.body}`);
  }
});

/** Standing alone, and taking no member that it does not name: what is not documented must not be answered. */
function closed(schema: Json): z.core.JSONSchema.JSONSchema {
  return JSON.parse(
    JSON.stringify(schema).replaceAll("#/components/schemas/", "#/$defs/"),
    (_key, value: unknown) => {
      const isOpen =
        typeof value === "object" &&
        value !== null &&
        "properties" in value &&
        !("additionalProperties" in value);
      return isOpen ? { ...value, additionalProperties: false } : value;
    },
  ) as z.core.JSONSchema.JSONSchema;
}

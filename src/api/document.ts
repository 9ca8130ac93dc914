import swagger from "@fastify/swagger";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ControlInstance } from "./instance.ts";

export interface DocumentSettings {
  readonly version: string;
  readonly controlPrefix: string;
}

/** `GET /openapi.json`, made from the schemas of this route and of those that are added after it. */
export async function addDocument(app: ControlInstance, settings: DocumentSettings): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Headgate",
        version: settings.version,
        license: { name: "MIT", identifier: "MIT" },
        description: "The control API. Every other path is forwarded and answered with 202 and a task.",
      },
      servers: [{ url: settings.controlPrefix || "/" }],
      tags: [...TAGS.keys(), REST].map((name) => ({ name })),
    },
    transform: (route) => {
      const { schema, url } = jsonSchemaTransform(route);
      return { schema: { ...schema, tags: [tagOf(url)] }, url };
    },
    transformObject: jsonSchemaTransformObject,
  });
  let text: string | undefined;
  app.route({
    method: "GET",
    url: "/openapi.json",
    config: { deed: "open" },
    schema: {
      operationId: "getDocument",
      summary: "This document",
      response: { 200: z.unknown().describe("OpenAPI 3.1.") },
    },
    async handler(_request, reply) {
      text ??= JSON.stringify(app.swagger(), leaveOutInputs);
      return reply.type("application/json; charset=utf-8").send(text);
    },
  });
}

/** What calls are listed under, by how their paths begin. */
const TAGS: ReadonlyMap<string, RegExp> = new Map([
  ["One task", /^\/task\//],
  ["Tasks", /^\/(?:tasks|batches)/],
  ["Lanes and targets", /^\/(?:lanes|targets)/],
  ["Webhooks", /^\/webhooks/],
  ["Keys", /^\/keys/],
]);

const REST = "The service";

function tagOf(path: string): string {
  return [...TAGS].find(([, begin]) => begin.test(path))?.[0] ?? REST;
}

/** The provider describes every named schema a second time, as input. None of ours is one. */
function leaveOutInputs(key: string, value: unknown): unknown {
  if (key !== "schemas") return value;
  return Object.fromEntries(Object.entries(value as object).filter(([name]) => !name.endsWith("Input")));
}

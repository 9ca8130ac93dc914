import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { toIsoTimeOrNull } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import type { AccessKey } from "../task/access-key.ts";
import { type Caller, type Role, ROLES } from "../task/caller.ts";
import { formatRate, parseRate } from "../task/lane.ts";
import type { ControlInstance } from "./instance.ts";
import { only } from "./parameters.ts";
import { problem } from "./problem-schema.ts";

export interface KeySettings {
  readonly keys: {
    list(): readonly { readonly key: AccessKey; readonly in: "configuration" | "store" }[];
    add(key: Omit<AccessKey, "sha256" | "createdAt">, request: IncomingMessage): Promise<string>;
    remove(name: string, caller: Caller): Promise<boolean>;
  };
}

const NAME_FORM = "must be 1 to 64 letters, digits, dots, dashes and underscores";
const NAME = z.string(NAME_FORM).regex(/^[\w.-]{1,64}$/, NAME_FORM);
const CLIENT_FORM = "must be 1 to 128 printable characters without spaces";
const RATE_FORM = "must be a number in a time such as 10/s or 100/m";
const OPEN_FORM = "must be a whole number from 1 to 10000000";

const NEW_KEY = only({
  name: NAME,
  role: z.enum(ROLES as [Role, ...Role[]], { error: `must be one of ${ROLES.join(", ")}` }),
  client: z
    .string(CLIENT_FORM)
    .regex(/^[!-~]{1,128}$/, CLIENT_FORM)
    .optional(),
  rate: z
    .string(RATE_FORM)
    .refine((text) => parseRate(text) !== null, RATE_FORM)
    .optional()
    .describe("Requests in a time."),
  max_open: z.int(OPEN_FORM).min(1, OPEN_FORM).max(10_000_000, OPEN_FORM).optional(),
});

interface KeyView {
  readonly name: string;
  readonly role: Role;
  readonly client: string;
  readonly rate: string | null;
  readonly max_open: number | null;
  readonly created_at: string | null;
  readonly in: "configuration" | "store";
}

const KEY: z.ZodType<KeyView> = z
  .object({
    name: z.string(),
    role: z.enum(ROLES as [Role, ...Role[]]),
    client: z.string().describe("Whose tasks it submits."),
    rate: z.string().nullable(),
    max_open: z.int().nullable(),
    created_at: z.string().meta({ format: "date-time" }).nullable(),
    in: z.enum(["configuration", "store"]),
  })
  .meta({ id: "Key" });

const ME: z.ZodType<Pick<Caller, "name" | "role" | "client">> = z
  .object({
    name: z.string().nullable().describe("Null where no key is wanted."),
    role: z.enum(ROLES as [Role, ...Role[]]),
    client: z.string().nullable(),
  })
  .meta({ id: "Me" });

/** Who may call. The text of a key is in no answer but the one that makes it. */
export function addKeyRoutes(app: ControlInstance, { keys }: KeySettings): void {
  app.route({
    method: "GET",
    url: "/keys",
    config: { deed: "administer" },
    schema: {
      operationId: "listKeys",
      summary: "The keys, without their texts",
      response: { 200: z.object({ success: z.literal(true), keys: z.array(KEY) }) },
    },
    handler: async (_request, reply) =>
      reply.header("Cache-Control", "no-store").send({ success: true, keys: keys.list().map(viewKey) }),
  });
  app.route({
    method: "GET",
    url: "/keys/me",
    config: { deed: "see" },
    schema: {
      operationId: "showMyKey",
      summary: "Who calls: the key of this call, and what it may",
      response: { 200: z.object({ success: z.literal(true), key: ME }) },
    },
    handler: async ({ caller: { name, role, client } }, reply) =>
      reply.header("Cache-Control", "no-store").send({ success: true, key: { name, role, client } }),
  });
  app.route({
    method: "DELETE",
    url: "/keys/:name",
    config: { deed: "administer" },
    schema: {
      operationId: "removeKey",
      summary: "Remove a key; it is of no use from then on",
      params: z.object({ name: NAME }),
      response: {
        200: z.object({ success: z.literal(true), name: z.string() }),
        404: problem("There is no such key."),
        409: problem("It is in the configuration."),
      },
    },
    async handler({ params, caller }) {
      if (!(await keys.remove(params.name, caller))) {
        throw new HeadgateError("not_found", "There is no key of that name.");
      }
      return { success: true as const, name: params.name };
    },
  });
}

/** `POST /keys`: reads a body. */
export function addKeyCreationRoute(app: ControlInstance, { keys }: KeySettings): void {
  app.route({
    method: "POST",
    url: "/keys",
    config: { deed: "administer" },
    schema: {
      operationId: "createKey",
      summary: "Make a key",
      description:
        "The first must have the role admin, and is made on the machine itself: from then on a key is wanted.",
      body: NEW_KEY,
      response: {
        201: z.object({
          success: z.literal(true),
          name: z.string(),
          key: z.string().describe("Told once, here."),
        }),
        400: problem("The body is malformed."),
        409: problem("There is a key of that name, or the first is not to be an admin's."),
      },
    },
    async handler({ body, raw }, reply) {
      const { name, role, client = name, rate, max_open: maxOpen = null } = body;
      const quota = { rate: rate === undefined ? null : parseRate(rate), maxOpen };
      const key = await keys.add({ name, role, client, quota }, raw);
      return reply.code(201).header("Cache-Control", "no-store").send({ success: true, name, key });
    },
  });
}

function viewKey({ key, in: where }: ReturnType<KeySettings["keys"]["list"]>[number]): KeyView {
  const { name, role, client, quota, createdAt } = key;
  return {
    name,
    role,
    client,
    rate: quota.rate && formatRate(quota.rate),
    max_open: quota.maxOpen,
    created_at: toIsoTimeOrNull(createdAt),
    in: where,
  };
}

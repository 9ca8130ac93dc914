import { ALERT, type WrittenAlert } from "./alert-fields.ts";
import { KEY, SECRETS, type WrittenKey, type WrittenSecrets } from "./key-fields.ts";
import { nowhere, type Place } from "./place.ts";
import { ROUTE_SHAPE, type WrittenRoute } from "./route-fields.ts";
import { clientName, name, weight } from "./rules.ts";
import { type FieldTable, type Found, list, map, record, type Shape, value } from "./shape.ts";
import { POOL_SHAPE, type WrittenPool, type WrittenTarget } from "./target-fields.ts";
import { WEBHOOKS, type WrittenWebhooks } from "./webhook-fields.ts";

/** What the file says besides options. */
export interface WrittenSections {
  readonly targets: readonly Found<WrittenPool | readonly Found<WrittenTarget>[]>[];
  readonly routes: readonly Found<WrittenRoute>[];
  readonly clients: readonly Found<WrittenClient>[];
  readonly keys: readonly Found<WrittenKey>[];
  readonly secrets: WrittenSecrets;
  readonly webhooks: WrittenWebhooks;
  readonly alerts: readonly Found<WrittenAlert>[];
}

interface WrittenClient {
  readonly weight: number;
}

const CLIENT = record<WrittenClient>({
  weight: {
    shape: value(weight()),
    default: 1,
    text: "its share of a lane in which several clients have tasks waiting, compared with 1 of the others",
    example: 4,
  },
});

/** The sections of the file, each a table of fields like that of the options. */
const SECTIONS: Shape<WrittenSections> = record<WrittenSections>({
  targets: {
    shape: map(name(), POOL_SHAPE),
    default: {},
    text: "services by name, each with one or more interchangeable URLs",
    example: { models: { urls: ["http://10.0.0.1:8000", "http://10.0.0.2:8000"], balance: "least_busy" } },
  },
  routes: {
    shape: list(ROUTE_SHAPE, { lone: null }),
    default: [],
    text: "which requests go where, and how; each has a queue of its own. A target of the options gets what no route matches",
    example: [{ match: "/v1/images/**", target: "models", max_concurrent: "auto" }],
  },
  clients: {
    shape: map(clientName(), CLIENT),
    default: {},
    text: "clients that get more or less than an equal share, by the name in `Headgate-Client`, else the address",
    example: { gold: { weight: 4 } },
  },
  keys: {
    shape: map(clientName(), KEY),
    default: {},
    text: "who may call, by name; nobody is asked for a key while there is none",
    example: { web: { sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" } },
  },
  secrets: {
    shape: SECRETS,
    default: {},
    text: "what is encrypted on the disk",
    example: { headers: ["x-api-key"] },
  },
  webhooks: {
    shape: WEBHOOKS,
    default: {},
    text: "who is told when tasks have ended, and how",
    example: { endpoints: { ops: { url: "https://ops.example.com/hooks/headgate", on: ["failed"] } } },
  },
  alerts: {
    shape: list(ALERT, { lone: null }),
    default: [],
    text: "what people are told of, by the endpoints of `webhooks`",
    example: [{ name: "images-slow", when: { queue_older: "10m" }, notify: ["ops"] }],
  },
});

/** What stands there; nothing where that is no map, which has been said then. */
export function readSections(place: Place): WrittenSections {
  const written = SECTIONS.read(place) ?? SECTIONS.read(nowhere({}));
  if (written === undefined) throw new TypeError("Sections have required fields.");
  return written;
}

/** The sections by their key in the file. */
export const SECTION_FIELDS: FieldTable = SECTIONS.fields ?? [];

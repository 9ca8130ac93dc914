import { ROUTE_SHAPE, type WrittenRoute } from "./route-fields.ts";
import { clientName, name, weight } from "./rules.ts";
import { type FieldTable, type Found, list, map, record, type Shape, value } from "./shape.ts";
import { POOL_SHAPE, type WrittenPool, type WrittenTarget } from "./target-fields.ts";

/** What the file says besides options. */
export interface WrittenSections {
  readonly targets: readonly Found<WrittenPool | readonly Found<WrittenTarget>[]>[];
  readonly routes: readonly Found<WrittenRoute>[];
  readonly clients: readonly Found<WrittenClient>[];
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
export const SECTIONS: Shape<WrittenSections> = record<WrittenSections>({
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
});

/** The sections by their key in the file. */
export const SECTION_FIELDS: FieldTable = SECTIONS.fields ?? [];

import { picture } from "./picture.ts";

export interface ServiceCall {
  /** The name of the one that serves it. */
  readonly service: string;
  readonly path: string;
  /** The body's members; none when it is no JSON object. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly attempt: number;
  readonly isBroken: boolean;
  /** Takes this long; rejects when the caller goes away. */
  work(ms: number): Promise<void>;
  /** Tells Headgate how far it is. */
  report(percent: number, message: string): Promise<void>;
}

export interface ServiceAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or bytes. */
  readonly body: unknown;
}

interface Endpoint {
  /** What the paths begin with. */
  readonly path: string;
  answer(call: ServiceCall): Promise<ServiceAnswer>;
}

const EPOCHS = 20;
const EXPORT_ROWS = 40_000;

/** Each is one kind of service that people put a queue before; the first that matches has the request. */
export const ENDPOINTS: readonly Endpoint[] = [
  { path: "/health", answer: async () => ({ body: { ok: true } }) },
  {
    path: "/api/quick",
    async answer({ work, service, input }) {
      await work(120);
      return { body: { service, echo: input } };
    },
  },
  {
    path: "/api/report",
    async answer({ work, report, service, input }) {
      const pages = numberIn(input, "pages", 8);
      for (let page = 1; page <= pages; page++) {
        await work(250);
        await report(Math.round((100 * page) / pages), `page ${page} of ${pages}`);
      }
      return { body: { service, month: input["month"] ?? null, pages, total: pages * 1_234.5 } };
    },
  },
  {
    // Hours of work, in fast-forward.
    path: "/api/train",
    async answer({ work, report, input }) {
      const seconds = numberIn(input, "seconds", 12);
      for (let epoch = 1; epoch <= EPOCHS; epoch++) {
        await work((seconds * 1_000) / EPOCHS);
        await report((100 * epoch) / EPOCHS, `epoch ${epoch} of ${EPOCHS}`);
      }
      return { body: { model: input["model"] ?? "demo", accuracy: 0.97, simulated_hours: seconds } };
    },
  },
  {
    path: "/api/order",
    async answer({ work, isBroken, input }) {
      await work(150);
      return isBroken
        ? { status: 500, body: { error: "the database is on fire" } }
        : { body: { order: input["order"] ?? null, placed: true } };
    },
  },
  {
    path: "/api/legacy",
    async answer({ work }) {
      await work(300);
      return { status: 500, body: { error: "stack overflow in module 7" } };
    },
  },
  {
    path: "/api/picture",
    async answer({ work }) {
      await work(600);
      return { headers: { "Content-Type": "image/png" }, body: picture(160, 100) };
    },
  },
  {
    path: "/api/export",
    async answer({ work }) {
      await work(900);
      const rows = Array.from({ length: EXPORT_ROWS }, (_, row) => `${row},customer-${row % 97},${row * 3}`);
      return { headers: { "Content-Type": "text/csv" }, body: Buffer.from(`${rows.join("\n")}\n`) };
    },
  },
  {
    path: "/catalog/",
    async answer({ work, path, service }) {
      await work(700);
      const item = path.slice("/catalog/".length);
      return { headers: { "Cache-Control": "public, max-age=30" }, body: { item, price: 9.9, service } };
    },
  },
  {
    path: "/single/",
    async answer({ work, path }) {
      await work(400);
      return { body: { done: path } };
    },
  },
  {
    path: "/partner/flaky",
    async answer({ attempt, work }) {
      await work(80);
      return attempt < 3
        ? { status: 503, headers: { "Retry-After": "1" }, body: { error: "try again" } }
        : { body: { attempt, worked: true } };
    },
  },
  {
    path: "/partner/",
    async answer({ work, path }) {
      await work(200);
      return { body: { done: path } };
    },
  },
];

function numberIn(input: ServiceCall["input"], name: string, otherwise: number): number {
  const value = Number(input[name] ?? otherwise);
  return value > 0 && value <= 600 ? value : otherwise;
}

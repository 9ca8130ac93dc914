// Whoever listens to server-sent events: reads them as the standard says, and can leave in the middle.

import { type IncomingHttpHeaders, request as httpRequest } from "node:http";
import { patiently } from "./patience.ts";

export interface SeenEvent {
  /** The last event id there is, this event's or an earlier one's. */
  readonly id: string;
  readonly event: string;
  /** Parsed, for tests to take as what they expect. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
}

export interface Listener {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly events: readonly SeenEvent[];
  /** Everything as it came. */
  readonly text: string;
  /** As `Last-Event-ID` of whoever goes on from here. */
  readonly lastEventId: string;
  /** The first event from now on, or before, that is right; rejects when the stream ends without. */
  until(isRight: (event: SeenEvent) => boolean): Promise<SeenEvent>;
  /** Resolves when the stream is over, whoever ended it. */
  readonly ended: Promise<void>;
  cut(): void;
}

export interface ListenOptions {
  readonly method?: string;
  readonly lastEventId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with each event as it comes. */
  readonly onEvent?: (event: SeenEvent, cut: () => void) => void;
}

/** Resolves when the answer has begun; rejects when there is none. */
export function listen(base: URL, path: string, options: ListenOptions = {}): Promise<Listener> {
  const { method = "GET", lastEventId = "", headers = {}, onEvent = () => {} } = options;
  return new Promise((resolve, reject) => {
    const resume = lastEventId === "" ? {} : { "Last-Event-ID": lastEventId };
    const url = new URL(path, base);
    const request = httpRequest(
      url,
      { method, headers: { ...headers, ...resume }, agent: false },
      (response) => {
        const events: SeenEvent[] = [];
        const over = Promise.withResolvers<void>();
        let isOver = false;
        let changed = Promise.withResolvers<void>();
        let text = "";
        let unread = "";
        let id = lastEventId;
        const cut = (): void => void response.destroy();

        function change(): void {
          changed.resolve();
          changed = Promise.withResolvers<void>();
        }

        response.setEncoding("utf8");
        response.on("data", (piece: string) => {
          text += piece;
          const blocks = (unread + piece).split("\n\n");
          unread = blocks.pop() ?? "";
          for (const block of blocks) {
            // Whoever has left hears no more, though it may have come along.
            if (response.destroyed) break;
            const fields = readFields(block);
            id = fields.get("id") ?? id;
            const data = fields.get("data");
            if (data === undefined) continue;
            const event = { id, event: fields.get("event") ?? "message", data: JSON.parse(data) as unknown };
            events.push(event);
            onEvent(event, cut);
          }
          change();
        });
        response.on("error", () => {});
        response.on("close", () => {
          isOver = true;
          over.resolve();
          change();
        });
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          events,
          get text() {
            return text;
          },
          get lastEventId() {
            return id;
          },
          async until(isRight) {
            for (;;) {
              const found = events.find(isRight);
              if (found !== undefined) return found;
              if (isOver) throw new Error(`The stream ended after ${JSON.stringify(events)}.`);
              await patiently(changed.promise, () => `an event after ${JSON.stringify(events)}.`);
            }
          },
          ended: over.promise,
          cut,
        });
      },
    );
    request.on("error", reject);
    request.end();
  });
}

function readFields(block: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const name = line.slice(0, colon);
    const value = line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    const before = fields.get(name);
    fields.set(name, name === "data" && before !== undefined ? `${before}\n${value}` : value);
  }
  return fields;
}

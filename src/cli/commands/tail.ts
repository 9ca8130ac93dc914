import type { ServerSentEvent } from "../../../client/sse.ts";
import type { TaskStatus } from "../../../client/views.ts";
import { type ConnectionFlags, withHeadgate } from "../connect.ts";
import { createEventWords } from "../event-words.ts";
import { ExitCode } from "../exit-code.ts";
import { onInterrupt } from "../interrupt.ts";
import { caughtUp, notify, print } from "../terminal.ts";

export interface TailFlags extends ConnectionFlags {
  readonly types: string;
  readonly route?: string;
  readonly status?: TaskStatus;
  readonly after?: string;
}

/** `headgate tail`: what happens, a line each, until Ctrl-C; over reconnects, and nothing twice. */
export function tail(flags: TailFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    using interrupt = onInterrupt();
    const { types, route, status, after } = flags;
    const words = createEventWords();
    let isLost = false;
    const events = headgate.events({
      query: {
        types,
        ...(route === undefined ? {} : { route }),
        ...(status === undefined ? {} : { status }),
      },
      lastEventId: after,
      signal: interrupt.signal,
      onState(state) {
        if (state === "live" && isLost) notify("headgate: connected again");
        else if (state === "reconnecting" && !isLost)
          notify("headgate: the connection is lost; it is tried again");
        isLost = state === "reconnecting";
      },
    });
    for await (const event of events) {
      const line = flags.json ? jsonLine(event) : words(event);
      if (line !== null) print(line);
      await caughtUp();
    }
    return ExitCode.ok;
  });
}

/** `id` is for `--after`. */
function jsonLine({ id, type, data }: ServerSentEvent): string {
  return JSON.stringify({ id, event: type, data: JSON.parse(data) as unknown });
}

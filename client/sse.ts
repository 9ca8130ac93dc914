/** One event of a stream (WHATWG HTML, 9.2). */
export interface ServerSentEvent {
  /** `Last-Event-ID` of whoever goes on from here; empty when none was given. */
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/** What a stream says besides events, kept over its connections. */
export interface StreamState {
  /** How long to wait before coming again. */
  retryMs: number;
  /** `Last-Event-ID` of the next connection; an id without data moves it, too (9.2.6). */
  lastId: string;
}

/** The events of a response, as they come; an event that is cut off at the end is dropped, as the standard says. */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  state: StreamState,
): AsyncGenerator<ServerSentEvent, void> {
  let id = state.lastId;
  let type = "";
  let data: string[] = [];
  for await (const line of readLines(body)) {
    if (line === "") {
      state.lastId = id;
      if (data.length > 0) yield { id, type: type === "" ? "message" : type, data: data.join("\n") };
      type = "";
      data = [];
      continue;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (field === "data") data.push(value);
    else if (field === "event") type = value;
    else if (field === "id" && !value.includes("\0")) id = value;
    else if (field === "retry" && /^\d+$/.test(value)) state.retryMs = Number(value);
  }
}

async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    // Whoever stops reading closes the connection.
    await reader.cancel().catch(() => {});
  }
}

// The result of a task over a real socket, byte by byte.

import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { EMPTY_BODY, type StoredRequest } from "../../src/task/task.ts";
import { type Answer, listen, openControl } from "./control.ts";

export interface RawReplay {
  /** One character a byte. */
  readonly head: string;
  readonly body: Buffer;
}

/** The bytes of one answer, as they came until the server closed. */
export async function exchange(port: number, path: string, method = "GET", fields = ""): Promise<RawReplay> {
  const socket = await connectTo(port);
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n${fields}\r\n`);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "close");
  const bytes = Buffer.concat(chunks);
  const end = bytes.indexOf("\r\n\r\n");
  return { head: bytes.toString("latin1", 0, end), body: bytes.subarray(end + 4) };
}

export async function connectTo(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** The answer of a task's result, over a real socket. */
export async function replayed(
  t: TestContext,
  answer: Answer,
  method = "GET",
  fields = "",
  taskMethod = "POST",
): Promise<RawReplay> {
  const { app, answered } = await openControl(t);
  const request: StoredRequest = { method: taskMethod, path: "/x", headers: [], body: EMPTY_BODY };
  const id = await answered(answer, { request });
  return exchange(await listen(t, app), `/task/${id}/result`, method, fields);
}

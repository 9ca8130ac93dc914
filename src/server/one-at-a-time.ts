import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export type Handle = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => void;

interface Connection {
  isBusy: boolean;
  /** Keeps the connection from being read while too many wait. */
  hold: (() => void) | null;
  /** Null until one has to. */
  waiting: Parameters<Handle>[] | null;
}

/** With so many waiting the connection is not read; those that came in the same piece (64 KiB) wait all the same. */
const WAITING_LIMIT = 64;

/**
 * Begins a connection's next request when the answer to the one before is finished. node:http begins all that a client
 * pipelines (RFC 9112 9.3.2) at once, and whoever reads no answers could hold thousands of open files and bodies with a
 * single connection; requests that wait take memory too, so the client has to wait as well. Every request is begun.
 */
export function oneAtATime(handle: Handle): Handle {
  const connections = new WeakMap<Socket, Connection>();

  function connectionOf(socket: Socket): Connection {
    let connection = connections.get(socket);
    if (connection === undefined) {
      connection = { isBusy: false, hold: null, waiting: null };
      connections.set(socket, connection);
    }
    return connection;
  }

  function begin(connection: Connection, ...arrival: Parameters<Handle>): void {
    connection.isBusy = true;
    arrival[1].on("close", end);
    handle(...arrival);
  }

  // One for all: a listener of its own would hold a closure for each client that waits for its answer.
  function end(this: ServerResponse): void {
    const { socket } = this.req;
    const connection = connectionOf(socket);
    connection.isBusy = false;
    if (connection.waiting === null) return;
    if (socket.destroyed) connection.waiting.length = 0;
    const next = connection.waiting.shift();
    // Only the last that waits can have a body that is still to come, and then it must be read.
    if (connection.waiting.length === 0) letGo(socket, connection);
    if (next !== undefined) begin(connection, ...next);
  }

  return (request, response, expectsContinue) => {
    const { socket } = request;
    const connection = connectionOf(socket);
    if (!connection.isBusy) begin(connection, request, response, expectsContinue);
    else if ((connection.waiting ??= []).push([request, response, expectsContinue]) >= WAITING_LIMIT) {
      hold(socket, connection);
    }
  };
}

/** What node:http does itself when answers pile up; it has no public way to stop its parser. */
interface ParsedSocket extends Socket {
  _paused?: boolean;
  readonly parser?: { resume(): void } | null;
}

function hold(socket: ParsedSocket, connection: Connection): void {
  if (connection.hold !== null) return;
  const stop = (): void => {
    // oxlint-disable-next-line no-underscore-dangle
    socket._paused = true;
    socket.pause();
  };
  connection.hold = stop;
  // node:http reads on after every write and drain, so an answer would let in a piece of requests for each of its own.
  socket.on("resume", stop);
  stop();
}

function letGo(socket: ParsedSocket, connection: Connection): void {
  if (connection.hold === null) return;
  socket.removeListener("resume", connection.hold);
  connection.hold = null;
  // A full socket is let go by node:http when it has drained.
  if (socket.destroyed || socket.writableNeedDrain) return;
  // oxlint-disable-next-line no-underscore-dangle
  socket._paused = false;
  socket.parser?.resume();
  socket.resume();
}

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export type Handle = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => void;

interface Connection {
  isBusy: boolean;
  /** There was no room for a request; the connection is closed when those before it are answered. */
  isFull: boolean;
  readonly waiting: (() => void)[];
}

/** Requests that may wait behind the one under way; each costs a few kilobytes. */
const WAITING_LIMIT = 64;

/**
 * Begins a connection's next request when the answer to the one before is finished. node:http begins all that a client
 * pipelines (RFC 9112 9.3.2) at once, and whoever reads no answers could hold thousands of open files and bodies with a
 * single connection. A client that pipelines more than the limit finds the connection closed after the answers it gets,
 * and knows by that which requests were not begun.
 */
export function oneAtATime(handle: Handle): Handle {
  const connections = new WeakMap<Socket, Connection>();

  function connectionOf(socket: Socket): Connection {
    let connection = connections.get(socket);
    if (connection === undefined) {
      connection = { isBusy: false, isFull: false, waiting: [] };
      connections.set(socket, connection);
    }
    return connection;
  }

  return (request, response, expectsContinue) => {
    const { socket } = request;
    const connection = connectionOf(socket);
    if (!connection.isBusy) begin();
    else if (connection.waiting.length < WAITING_LIMIT && !connection.isFull) connection.waiting.push(begin);
    else connection.isFull = true;

    function begin(): void {
      connection.isBusy = true;
      response.once("close", end);
      handle(request, response, expectsContinue);
    }

    function end(): void {
      connection.isBusy = false;
      if (socket.destroyed) connection.waiting.length = 0;
      const next = connection.waiting.shift();
      if (next !== undefined) next();
      else if (connection.isFull) socket.destroySoon();
    }
  };
}

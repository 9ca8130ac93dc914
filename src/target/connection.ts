import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type buildConnector, Client, errors } from "undici";
import type { Clock } from "../lib/clock.ts";

/**
 * One place for one request at a time: a connection that is made when it is first needed and again when it was lost.
 * undici's `Client` without its `Pool`: a pool queues a request it has no connection for where it cannot be taken back.
 */
export interface Connection {
  readonly client: Client;
  /** The latest socket that was connected, maybe closed by now. */
  socket: Socket | null;
  /** The socket that is being connected. Destroyed with an error, it fails the request that waits for it. */
  connecting: Socket | null;
}

export interface ConnectionSettings {
  readonly base: URL;
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
}

/**
 * Idle connections are given up before targets do, because a request written while the target closes is ambiguous.
 * Common servers wait 2 s (gunicorn), 5 s (Node, uvicorn, Apache) or longer. One that tells (`Keep-Alive: timeout=n`,
 * RFC 9112 C.2.2) is believed, less a second for the way.
 */
const KEEP_ALIVE = Object.freeze({
  keepAliveTimeout: 1_500,
  keepAliveTimeoutThreshold: 1_000,
  keepAliveMaxTimeout: 30_000,
});

const MAX_HEADER_SECTION_BYTES = 64 * 1024;

export function openConnection(settings: ConnectionSettings): Connection {
  const connection: Connection = {
    client: new Client(settings.base.origin, {
      connect,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: MAX_HEADER_SECTION_BYTES,
      // Idle time-outs end nothing that trickles: every attempt has an absolute deadline instead.
      headersTimeout: 0,
      bodyTimeout: 0,
      ...KEEP_ALIVE,
    }),
    socket: null,
    connecting: null,
  };
  let session: Buffer | undefined;
  return connection;

  function connect(options: buildConnector.Options, connected: buildConnector.Callback): void {
    const socket = dial(options, session);
    connection.connecting = socket;
    const cancel = settings.clock.after(settings.connectTimeoutMs, () =>
      socket.destroy(new errors.ConnectTimeoutError()),
    );
    socket.setNoDelay(true).setKeepAlive(true, 60_000);
    socket.on("session", (latest: Buffer) => (session = latest));
    socket.once(options.protocol === "https:" ? "secureConnect" : "connect", () => {
      cancel();
      connection.connecting = null;
      connection.socket = socket;
      connected(null, socket);
    });
    // Stays: a socket may report an error after undici has let go of it.
    socket.on("error", (error) => {
      if (connection.connecting !== socket) return;
      cancel();
      connection.connecting = null;
      connected(error, null);
    });
  }
}

function dial({ hostname, port, protocol }: buildConnector.Options, session: Buffer | undefined): Socket {
  if (protocol !== "https:") return connectTcp({ host: hostname, port: Number(port || 80) });
  return connectTls({
    host: hostname,
    port: Number(port || 443),
    // The name of the target that was configured, whatever `Host` a client sent; none for an address (RFC 6066 3).
    servername: isIP(hostname) === 0 ? hostname : "",
    ALPNProtocols: ["http/1.1"],
    ...(session === undefined ? {} : { session }),
  });
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { hasBody, refuse } from "../intake/refuse.ts";
import type { Clock } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import { HEAD_LIMITS } from "../task/header.ts";
import { createControlTargetOf } from "./control-path.ts";
import { createLastWords, responseUnderWay } from "./last-words.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { findFault } from "./strict.ts";

export interface EdgeSettings {
  /** Takes requests for Headgate itself; their `url` comes without the control prefix. */
  readonly control: (request: IncomingMessage, response: ServerResponse) => void;
  /** Takes all others. Who expects `100 Continue` sends no body before `writeContinue` is called. */
  readonly forward: (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => void;
  /** Such as `/_headgate`; empty for none. */
  readonly controlPrefix: string;
  readonly clock: Clock;
  readonly limits?: Partial<EdgeLimits>;
}

export interface EdgeLimits {
  /** For all header fields together. */
  readonly headerBytes: number;
  readonly headerFields: number;
  /** From the first byte of a request to the end of its head. */
  readonly headersTimeoutMs: number;
  /** Without a byte of a body that is expected, or of an answer that is waiting to be read. */
  readonly silenceTimeoutMs: number;
  /** For the whole body of a control request. */
  readonly controlBodyMs: number;
  /** Between two requests. */
  readonly keepAliveTimeoutMs: number;
  /** How often the head's time limit is looked at. */
  readonly checkIntervalMs: number;
}

const DEFAULT_LIMITS: EdgeLimits = Object.freeze({
  headerBytes: HEAD_LIMITS.bytes,
  headerFields: HEAD_LIMITS.fields,
  headersTimeoutMs: 20_000,
  silenceTimeoutMs: 60_000,
  controlBodyMs: 30_000,
  // Load balancers keep idle connections for 60 s (AWS, nginx): who closes first must not be us, or they meet resets.
  keepAliveTimeoutMs: 75_000,
  checkIntervalMs: 5_000,
});

/** The one HTTP server: checks what came, decides whose it is, and hands it on. */
export function createEdge(settings: EdgeSettings): Server {
  const { clock } = settings;
  const limits = { ...DEFAULT_LIMITS, ...settings.limits };
  const controlTargetOf = createControlTargetOf(settings.controlPrefix);
  const sayLastWords = createLastWords(clock);

  function route(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const error = findFault(request, limits.headerFields);
    if (error !== null) {
      refuse({ request, response, error, close: true }, clock);
      return;
    }
    const controlTarget = controlTargetOf(request.method as string, request.url as string);
    if (controlTarget === null) {
      settings.forward(request, response, expectsContinue);
      return;
    }
    if (expectsContinue) response.writeContinue();
    if (hasBody(request)) limitBody(request, response);
    // Who names the type of a body, and sends none, has none: Fastify would wait for its end, which is over already.
    else delete request.headers["content-type"];
    request.url = controlTarget;
    settings.control(request, response);
  }

  /** None is large: one that trickles would only keep its place, and its caller's authority, for as long as it likes. */
  function limitBody(request: IncomingMessage, response: ServerResponse): void {
    const cancel = clock.after(limits.controlBodyMs, () => sayLastWords(request.socket, SLOW_BODY));
    request.once("end", cancel);
    response.once("close", cancel);
  }

  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    // A gigabyte may take its time: what is cut is silence and a trickle (intake/body.ts), not a long upload.
    requestTimeout: 0,
    connectionsCheckingInterval: limits.checkIntervalMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // Answered by `strict.ts`, with a problem.
    requireHostHeader: false,
    optimizeEmptyRequests: true,
  });
  // Node's own limit drops the fields beyond it in silence; `strict.ts` counts them instead.
  server.maxHeadersCount = 0;
  // Without an `upgrade` listener a request to upgrade is an ordinary one, which is what RFC 9110 7.8 allows.
  server.timeout = limits.silenceTimeoutMs;
  const take = oneAtATime(route);
  server.on("request", (request, response) => take(request, response, false));
  server.on("checkContinue", (request, response) => take(request, response, true));
  server.on("checkExpectation", (request, response) => take(request, response, false));
  server.on("connect", (request, stream) => sayLastWords(request.socket, CONNECT_REFUSED, stream));
  server.on("clientError", (error, socket) => {
    const problem = toHeadgateError(error);
    if (problem === null) socket.destroy();
    else sayLastWords(socket as Socket, problem);
  });
  server.on("timeout", (socket: Socket) => {
    const response = responseUnderWay(socket);
    if (response === undefined || socket.writableLength > 0) {
      socket.destroy();
    } else if (!response.req.complete && !response.req.isPaused()) {
      sayLastWords(socket, new HeadgateError("request_timeout", "The body stopped coming."));
    } else {
      // Silent because we are at work, not the client.
      socket.setTimeout(limits.silenceTimeoutMs);
    }
  });
  return server;
}

const SLOW_BODY = new HeadgateError("request_timeout", "The body did not come in time.");
const CONNECT_REFUSED = new HeadgateError(
  "not_implemented",
  "CONNECT is not implemented: this is no tunnel.",
);

/** What the parser and the head's time limit complain of; null when there is nobody left to tell. */
function toHeadgateError(error: NodeJS.ErrnoException): HeadgateError | null {
  const { code = "" } = error;
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new HeadgateError("request_timeout", "The head of the request did not come in time.");
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    return new HeadgateError("headers_too_large", "The header fields are too large.");
  }
  if (!code.startsWith("HPE_")) return null;
  return new HeadgateError("invalid_request", `This is not HTTP/1.1: ${error.message}.`, { cause: error });
}

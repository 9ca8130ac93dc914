import type { FastifyReply, FastifyRequest, FastifySchemaValidationError } from "fastify";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError, toError } from "../lib/error.ts";
import { toProblem } from "../lib/problem.ts";
import { tellDenied } from "../task/denial.ts";
import type { TaskEvents } from "../task/event.ts";
import type { ControlInstance } from "./instance.ts";

export type OnUnexpected = (error: unknown) => void;

export interface ProblemSettings {
  /** Told of errors that clients are told no more about. */
  readonly onUnexpected: OnUnexpected;
  readonly emit: Emitter<TaskEvents>["emit"];
}

/** Answers with a problem; what is not known to be the client's fault is reported. */
export type SendProblem = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => void;

export function createSendProblem({ onUnexpected, emit }: ProblemSettings): SendProblem {
  return (thrown, request, reply) => {
    const error = explain(thrown);
    if (!(error instanceof HeadgateError) || error.code === "internal") onUnexpected(error);
    else tellDenied(emit, error.code, request.caller, { method: request.method, path: request.url });
    const { status, headers, body } = toProblem(error);
    // With a serializer of its own Fastify adds no charset, which this type does not have (RFC 9457 6.1).
    void reply.code(status).headers(headers).serializer(JSON.stringify).send(body);
  };
}

/** 404 for a path that is none of ours, 405 with `Allow` (RFC 9110 15.5.6) for a method that the path does not have. */
export function answerUnknownPaths(app: ControlInstance): void {
  const routes = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const methods = routes.get(url) ?? new Set();
    routes.set(url, methods);
    for (const each of [method].flat()) methods.add(each);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] as string;
    const allowed = [...routes].find(([url]) => matches(url, path))?.[1];
    if (allowed === undefined) throw new HeadgateError("not_found", "There is nothing at this path.");
    const methods = [...allowed].toSorted().join(", ");
    reply.header("Allow", methods);
    throw new HeadgateError("method_not_allowed", `This path has no ${request.method}; it has ${methods}.`);
  });
}

function matches(url: string, path: string): boolean {
  const expected = url.split("/");
  const actual = path.split("/");
  return (
    expected.length === actual.length &&
    expected.every((segment, i) => (segment.startsWith(":") ? actual[i] !== "" : segment === actual[i]))
  );
}

/** The first thing that is wrong, by its name, such as `limit` or `requests[17].path`. */
export function toValidationError(
  issues: readonly FastifySchemaValidationError[],
  part: string,
): HeadgateError {
  const [issue] = issues;
  const unknown = issue?.params["keys"] as readonly string[] | undefined;
  const path = issue?.instancePath.split("/").slice(1) ?? [];
  // A parameter is given as a whole; what is wrong within it is said.
  const steps = [...(part === "body" ? path : path.slice(0, 1)), ...(unknown?.slice(0, 1) ?? [])];
  return invalidAt(steps, issue?.message, part);
}

/** What is wrong at the end of these steps, each the name of a member or the number of an element. */
export function invalidAt(steps: readonly string[], what = "is not valid", part = "body"): HeadgateError {
  const field = steps.filter((step) => step !== "").reduce(memberOf, "");
  const message = `${field || `The ${part}`} ${what}.`;
  const index = steps.find((step) => IS_INDEX.test(step));
  return new HeadgateError("invalid_request", message, {
    ...(field === "" ? {} : { field }),
    ...(index === undefined ? {} : { index: Number(index) }),
  });
}

const IS_INDEX = /^\d+$/;

function memberOf(parent: string, step: string): string {
  if (parent === "") return step;
  return IS_INDEX.test(step) ? `${parent}[${step}]` : `${parent}.${step}`;
}

type Explanation = (thrown: Error) => HeadgateError;

/** Fastify's own refusals in our words. */
const EXPLANATIONS: ReadonlyMap<string, Explanation> = new Map<string, Explanation>([
  ["FST_ERR_CTP_INVALID_MEDIA_TYPE", () => NOT_JSON],
  ["FST_ERR_CTP_BODY_TOO_LARGE", () => new HeadgateError("body_too_large", "The body is too large.")],
  ["FST_ERR_CTP_EMPTY_JSON_BODY", () => new HeadgateError("invalid_request", "The body is empty, not JSON.")],
  [
    "FST_ERR_CTP_INVALID_JSON_BODY",
    () => new HeadgateError("invalid_request", "The body is not valid JSON."),
  ],
  [
    "FST_ERR_BAD_URL",
    () => new HeadgateError("invalid_request", "The path has a malformed percent-encoding."),
  ],
]);

const NOT_JSON = new HeadgateError("unsupported_media_type", "The body must be application/json.", {
  field: "Content-Type",
});

function explain(thrown: unknown): unknown {
  if (thrown instanceof HeadgateError) return thrown;
  const error = toError(thrown) as Error & { readonly code?: unknown; readonly statusCode?: unknown };
  const known = EXPLANATIONS.get(String(error.code));
  if (known !== undefined) return known(error);
  const { statusCode } = error;
  const isTheirs = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
  return isTheirs
    ? new HeadgateError("invalid_request", "The request could not be read.", { cause: error })
    : thrown;
}

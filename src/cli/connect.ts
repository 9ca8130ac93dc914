import { Headgate } from "../../client/client.ts";
import { HeadgateError } from "../../client/errors.ts";
import { WaitTimeoutError } from "../../client/wait.ts";
import { CLIENT_VARIABLES, environment } from "../config/environment.ts";
import { toError } from "../lib/error.ts";
import { ExitCode } from "./exit-code.ts";
import { httpUrl } from "./flag.ts";
import { harmless } from "./harmless.ts";
import { endWhenUnread, notify } from "./terminal.ts";

export interface ConnectionFlags {
  readonly url?: string;
  readonly key?: string;
  readonly controlPrefix?: string;
  readonly json?: true;
}

/** What the user asked for cannot be done as it was written. */
export class UsageError extends Error {}

/** Runs a client command; what goes wrong becomes words on standard error and an exit code. */
export async function withHeadgate(
  flags: ConnectionFlags,
  run: (headgate: Headgate, url: string) => Promise<ExitCode>,
): Promise<ExitCode> {
  endWhenUnread();
  let url = "";
  try {
    url = serverUrl(flags);
    const headgate = connect(url, flags);
    await expectHeadgate(headgate, url);
    return await run(headgate, url);
  } catch (thrown) {
    return tell(toError(thrown), url);
  }
}

/** Says what went wrong; answers how the process is to end for it. */
export function tell(error: Error, url: string): ExitCode {
  notify(`headgate: ${harmless(wordsFor(error, url))}`);
  return exitCodeFor(error);
}

function serverUrl({ url }: ConnectionFlags): string {
  if (url !== undefined) return url;
  const fromEnvironment = environment()[CLIENT_VARIABLES.url] ?? "";
  if (fromEnvironment === "") return "http://localhost:8080";
  try {
    return httpUrl(fromEnvironment);
  } catch {
    throw new UsageError(`${CLIENT_VARIABLES.url}=${fromEnvironment}: must begin with http:// or https://`);
  }
}

function connect(url: string, flags: ConnectionFlags): Headgate {
  const { [CLIENT_VARIABLES.key]: standing = "", HEADGATE_CONTROL_PREFIX: prefix = "" } = environment();
  const key = flags.key ?? standing;
  const controlPrefix = (flags.controlPrefix ?? prefix).replace(/\/+$/, "");
  return new Headgate(url, { controlPrefix, ...(key === "" ? {} : { key }) });
}

/**
 * Behind a wrong address or prefix there is another service, or Headgate takes its own paths for requests to be forwarded:
 * what was to be cancelled would be put into the queue.
 */
async function expectHeadgate({ connection }: Headgate, url: string): Promise<void> {
  const response = await connection.control("/healthz");
  const health = response.status === 200 ? await response.text() : "";
  if (!health.includes('"ok"')) {
    throw new NoHeadgateError(
      `what answers at ${url} is no Headgate, or --control-prefix is missing or wrong`,
    );
  }
}

class NoHeadgateError extends Error {}

export function wordsFor(error: Error, url: string): string {
  if (isUnreachable(error)) return `no Headgate answers at ${url}: ${reasonOf(error)}`;
  if (!(error instanceof HeadgateError)) return error.message;
  const { message, field, status } = error;
  const where = field === null || message.includes(field) ? "" : `${field}: `;
  if (status === 401) return `${message} (${CLIENT_VARIABLES.key} is where this command takes it from)`;
  return where + message;
}

/** As `fetch` says it: the reason is in what caused it. */
function isUnreachable(error: Error): boolean {
  return error instanceof TypeError && error.message === "fetch failed";
}

function reasonOf({ cause }: Error): string {
  const inner = cause instanceof AggregateError ? (cause.errors as readonly unknown[])[0] : cause;
  return toError(inner).message;
}

/** Come again later: too many requests, not ready, disk full. */
const PASSING: ReadonlySet<number> = new Set([429, 503, 507]);

function exitCodeFor(error: Error): ExitCode {
  if (error instanceof UsageError) return ExitCode.usage;
  if (error instanceof WaitTimeoutError) return ExitCode.unfinished;
  if (isUnreachable(error) || error instanceof NoHeadgateError) return ExitCode.unreachable;
  if (!(error instanceof HeadgateError)) return ExitCode.failure;
  if (PASSING.has(error.status)) return ExitCode.full;
  return error.status >= 400 && error.status < 500 ? ExitCode.refused : ExitCode.failure;
}

import type { LaneConfig, WebhookConfig } from "../config/config.ts";
import { HeadgateError } from "../lib/error.ts";
import type { Callback } from "../task/task.ts";

/** Who is told of the end of a task of a lane: the endpoints that want to know, and the URL that its client gave. */
export type CallbacksFor = (lane: LaneConfig, url: string | null) => readonly Callback[];

/** Throws `invalid_request` for a URL that may not be called, and where nothing would sign the message. */
export function createCallbacks(
  config: () => WebhookConfig,
  mayBeCalled: (url: URL) => boolean,
): CallbacksFor {
  return (lane, url) => {
    const { endpoints, secret } = config();
    if (endpoints.length === 0 && url === null) return NOBODY;
    if (url !== null && secret === null) throw UNSIGNED;
    if (url !== null && !mayBeCalled(new URL(url))) throw notPublic(url);
    const told = endpoints
      .filter(({ on, routes }) => on.length > 0 && (routes.length === 0 || routes.includes(lane.name)))
      .map((endpoint) => ({ endpoint: endpoint.name, url: endpoint.url.href, on: endpoint.on }));
    return url === null ? told : [...told, { endpoint: null, url, on: ANY_END }];
  };
}

const NOBODY: readonly Callback[] = Object.freeze([]);
const ANY_END = Object.freeze(["completed", "failed", "cancelled"] as const);

const UNSIGNED = new HeadgateError(
  "invalid_request",
  "Headgate-Callback is not set up here: the configuration has no webhooks.secret to sign messages with.",
  { field: "Headgate-Callback" },
);

function notPublic(url: string): HeadgateError {
  return new HeadgateError(
    "invalid_request",
    `Headgate-Callback names a public address, or one that webhooks.allow in the configuration names; ${new URL(url).host} is neither.`,
    { field: "Headgate-Callback" },
  );
}

const LONGEST_URL = 2_048;

/** The URL of `Headgate-Callback` in its normal form; null when it is none that could be called. */
export function parseCallbackUrl(text: string): string | null {
  if (text.length > LONGEST_URL) return null;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  return url.username + url.password + url.hash === "" ? url.href : null;
}

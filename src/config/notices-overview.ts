import { formatDuration } from "../lib/quantity.ts";
import { formatRate } from "../task/lane.ts";
import type { AlertCondition, Config } from "./config.ts";
import type { Rows } from "./overview.ts";

/** Who may call and who is told, in words: for `headgate check`. Each below a row of headings. */
export function keyRows({ keys }: Config): Rows {
  const head = ["key", "role", "client", "rate", "max_open"];
  return [
    head,
    ...keys.map(({ name, role, client, quota }) => [
      name,
      role,
      client,
      quota.rate === null ? "-" : formatRate(quota.rate),
      quota.maxOpen === null ? "-" : String(quota.maxOpen),
    ]),
  ];
}

/** The URL of a chat is its secret: its origin has to do. */
export function endpointRows({ webhooks }: Config): Rows {
  const head = ["webhook", "where", "on", "routes", "format", "signed"];
  const callbacks = webhooks.secret === null ? "refused: there is no `webhooks.secret`" : "as each says";
  return [
    head,
    ...webhooks.endpoints.map(({ name, url, on, routes, format, secret }) => [
      name,
      url.origin,
      on.join(",") || "alerts only",
      routes.join(",") || "all",
      format,
      (secret ?? (format === "standard" ? webhooks.secret : null)) === null ? "no" : "yes",
    ]),
    ["Headgate-Callback", callbacks],
  ];
}

export function alertRows({ alerts }: Config): Rows {
  const head = ["alert", "when", "routes", "notify", "repeat"];
  return [
    head,
    ...alerts.map(({ name, when, routes, notify, repeatMs }) => [
      name,
      conditionText(when),
      routes.join(",") || "all",
      notify.join(","),
      formatDuration(repeatMs),
    ]),
  ];
}

function conditionText(when: AlertCondition): string {
  switch (when.kind) {
    case "failure_rate":
      return `failure_rate above ${percent(when.above)} in ${formatDuration(when.windowMs)}, of ${when.atLeast} or more`;
    case "queue_older":
      return `queue_older than ${formatDuration(when.thanMs)}`;
    case "queue_fuller":
      return `queue_fuller than ${percent(when.than)}`;
    case "task_failed":
    case "target_down":
      return when.kind;
    default:
      return when satisfies never;
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}

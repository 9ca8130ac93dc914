import { createHash } from "node:crypto";
import { createAddressGuard, mayBeCalled } from "../lib/address-guard.ts";
import { suggest } from "../lib/suggest.ts";
import type { AccessKey } from "../task/access-key.ts";
import type { WrittenAlert, WrittenCondition } from "./alert-fields.ts";
import type { AlertCondition, AlertRule, Config, EndpointConfig } from "./config.ts";
import type { WrittenKey } from "./key-fields.ts";
import { isRecord, type Place } from "./place.ts";
import { didYouMean, shown } from "./problem.ts";
import type { WrittenSections } from "./sections.ts";
import { type Found, valuesOf } from "./shape.ts";
import {
  isSigningSecret,
  SIGNING_SECRET,
  type WrittenEndpoint,
  type WrittenWebhooks,
} from "./webhook-fields.ts";

/** The part of the configuration that says who is told and who may call. */
export type Notices = Pick<Config, "webhooks" | "alerts" | "keys" | "secretHeaders">;

/** Makes it of the file's sections, which stand at `sections`. `lanes` are the names that routes have. */
export function readNotices(written: WrittenSections, sections: Place, lanes: readonly string[]): Notices {
  const { webhooks, alerts, keys, secrets } = written;
  // Right or wrong.
  const endpoints = sections.at("webhooks").at("endpoints").value;
  const names = isRecord(endpoints) ? Object.keys(endpoints) : [];
  for (const { value } of [...webhooks.endpoints, ...alerts]) {
    for (const route of value.routes) expectOneOf(route, lanes, "routes");
  }
  for (const { value } of alerts) {
    for (const endpoint of value.notify) expectOneOf(endpoint, names, "endpoints of `webhooks`");
  }
  for (const { place, value } of keys) {
    const isSure = !place.at("sha256").isWrong && !place.at("key").isWrong;
    if (isSure && (value.sha256 === null) === (value.key === null)) {
      place.wrong("must say `sha256` or `key`, one of them");
    }
  }
  if (!sections.at("webhooks").at("allow").isWrong) refuseUncallable(webhooks);
  refuseRepeatedKeys(keys);
  refuseRepeatedRules(alerts);
  return {
    webhooks: {
      endpoints: webhooks.endpoints.map(endpointOf),
      secret: webhooks.secret,
      allow: webhooks.allow,
      timeoutMs: webhooks.timeout,
      giveUpAfterMs: webhooks.give_up_after,
      retentionMs: webhooks.retention,
    },
    alerts: alerts.flatMap(ruleOf),
    keys: keys.flatMap(keyOf),
    secretHeaders: valuesOf(secrets.headers),
  };
}

function expectOneOf({ place, value }: Found<string>, known: readonly string[], what: string): void {
  if (known.includes(value)) return;
  const all = shown(known.join(", ") || "none");
  place.wrong(`is not among the ${what} (${all})${didYouMean(suggest(value, known))}`);
}

/** What is known now never to be called is no receiver. */
function refuseUncallable({ endpoints, allow }: WrittenWebhooks): void {
  const isAllowed = createAddressGuard(allow);
  for (const { place, value } of endpoints) {
    if (mayBeCalled(value.url, isAllowed)) continue;
    place.at("url").wrong("must name a public address, or one that `allow` of `webhooks` names");
  }
}

function endpointOf({ place, value }: Found<WrittenEndpoint>): EndpointConfig {
  const { url, secret, format } = value;
  if (format === "standard" && secret !== null && !isSigningSecret(secret)) {
    place.at("secret").wrong(`must be ${SIGNING_SECRET}`);
  }
  return { name: place.key, url, secret, on: valuesOf(value.on), routes: valuesOf(value.routes), format };
}

function ruleOf({ place, value }: Found<WrittenAlert>): readonly AlertRule[] {
  const when = conditionOf(value.when, place.at("when"));
  if (when === null) return [];
  return [
    {
      name: value.name,
      when,
      routes: valuesOf(value.routes),
      notify: valuesOf(value.notify),
      repeatMs: value.repeat,
    },
  ];
}

/** Null after saying what is wrong. */
function conditionOf(written: WrittenCondition, place: Place): AlertCondition | null {
  const { failure_rate: rate, queue_older: thanMs, queue_fuller: than } = written;
  const given: readonly (AlertCondition | null)[] = [
    written.task_failed === true ? { kind: "task_failed" } : null,
    rate && { kind: "failure_rate", above: rate.above, windowMs: rate.window, atLeast: rate.at_least },
    thanMs === null ? null : { kind: "queue_older", thanMs },
    than === null ? null : { kind: "queue_fuller", than },
    written.target_down === true ? { kind: "target_down" } : null,
  ];
  const [condition, ...more] = given.filter((each) => each !== null);
  if (condition !== undefined && more.length === 0) return condition;
  if (place.isWrong) return null;
  const all = Object.keys(written).join(", ");
  place.wrong(`must say one of ${all}${more.length > 0 ? "; make a rule of each" : ""}`);
  return null;
}

function keyOf({ place, value }: Found<WrittenKey>): readonly AccessKey[] {
  const { role, client, quota } = value;
  const sha256 =
    value.sha256 ?? (value.key === null ? null : createHash("sha256").update(value.key).digest("hex"));
  if (sha256 === null || (value.sha256 !== null && value.key !== null)) {
    return [];
  }
  return [
    {
      name: place.key,
      sha256,
      role,
      client: client ?? place.key,
      quota: { rate: quota.rate, maxOpen: quota.max_open },
      createdAt: null,
    },
  ];
}

/** Which of two would be meant is open. */
function refuseRepeatedKeys(keys: readonly Found<WrittenKey>[]): void {
  const firstOf = new Map<string, Place>();
  for (const found of keys) {
    const sha256 = keyOf(found)[0]?.sha256;
    if (sha256 === undefined) continue;
    const first = firstOf.get(sha256);
    if (first === undefined) firstOf.set(sha256, found.place);
    else found.place.wrong(`is the same key as ${first.name}`);
  }
}

/** Messages and the log would not say which it is. */
function refuseRepeatedRules(rules: readonly Found<WrittenAlert>[]): void {
  const firstOf = new Map<string, Place>();
  for (const { place, value } of rules) {
    if (place.at("name").isWrong) continue;
    const first = firstOf.get(value.name);
    if (first === undefined) firstOf.set(value.name, place);
    else place.at("name").wrong(`is also the name of ${first.name}`);
  }
}

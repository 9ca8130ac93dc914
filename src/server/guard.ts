import type { ApiSettings } from "../api/control-api.ts";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/problem.ts";
import { createOriginReader, createProxyTrust, linkOrigin } from "../intake/forwarded.ts";
import type { IntakeSettings } from "../intake/intake.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { OpenStore } from "../store/store.ts";
import { holderOf } from "../task/caller.ts";
import type { TaskEvents } from "../task/event.ts";
import { createAccess } from "./access.ts";
import { createBrowserGuard } from "./browser-guard.ts";
import { createQuotas } from "./quota.ts";

/** Everything that stands between a request and what it asks for, as the two ways in need it. */
export interface Guard {
  readonly control: Pick<ApiSettings, "callerOf" | "holderOf" | "refuseForeignPages" | "keys" | "originOf">;
  readonly intake: Pick<IntakeSettings, "submitterOf" | "charge">;
  /** Throws a `ConfigError` for a configuration that would take the last key away: a slip in the file must not open the gateway. */
  expectKeys(config: Config): void;
  configure(config: Config): void;
}

export interface GuardSettings {
  readonly config: Config;
  readonly store: Pick<OpenStore, "keys">;
  readonly events: Emitter<TaskEvents>;
  readonly clock: Clock;
  readonly onError: (thrown: unknown) => void;
}

export async function createGuard(settings: GuardSettings): Promise<Guard> {
  const { config, store, events, clock, onError } = settings;
  const access = await createAccess({
    keys: config.keys,
    stored: await store.keys.list(),
    store: store.keys,
    quotas: createQuotas(events, clock),
    clock,
    emit: events.emit,
    onError,
  });
  const readOrigin = createOriginReader(config.trustedProxies);
  const isTrusted = createProxyTrust(config.trustedProxies);
  const originOf: ApiSettings["originOf"] = (request) => linkOrigin(readOrigin(request));
  return {
    control: {
      callerOf: access.callerOf,
      holderOf: (request, caller) => holderOf(caller, readOrigin(request).address),
      refuseForeignPages: createBrowserGuard({
        originOf,
        // Whoever has a key is no page that was lured here; a proxy passes on the name that it is known by.
        mayNameAnyHost: ({ socket }) => access.isOn || isTrusted(socket.remoteAddress ?? ""),
      }),
      keys: access,
      originOf,
    },
    intake: { submitterOf: access.submitterOf, charge: access.charge },
    expectKeys({ keys }) {
      if (access.wouldOpen(keys)) throw new ConfigError([NO_KEY_LEFT]);
    },
    configure: ({ keys }) => access.configure(keys),
  };
}

const NO_KEY_LEFT = Object.freeze({
  where: "keys",
  what: "without any, everybody may do everything; that needs a restart",
});

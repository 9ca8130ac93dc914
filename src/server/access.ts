import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isLoopback } from "../config/address.ts";
import type { LaneConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import type { KeyStore } from "../store/keys.ts";
import type { AccessKey } from "../task/access-key.ts";
import { ANYONE, type Caller, may } from "../task/caller.ts";
import { type Charge, NO_CHARGE } from "../task/charge.ts";
import type { TaskEvents } from "../task/event.ts";
import { createKeyRing } from "./key-ring.ts";
import type { Quotas } from "./quota.ts";

/** Who may call. As long as there is no key at all, everybody may do everything. */
export interface Access {
  /** Who makes a control call; throws `unauthorized`. */
  callerOf(request: IncomingMessage): Caller;
  /** Who submits a request; `lane` says where the key is. Throws `unauthorized`. */
  submitterOf(request: IncomingMessage, lane: LaneConfig | null): Caller;
  /** Takes from the quota of a caller's key what so many tasks need; answers fields for the client. */
  charge(caller: Caller, tasks: number): Charge;
  /** Whether keys of the configuration would leave none at all where there are some: everybody might do everything. */
  wouldOpen(keys: readonly AccessKey[]): boolean;
  /** The keys of the configuration from now on. */
  configure(keys: readonly AccessKey[]): void;
  /** Whether a key is wanted at all. */
  readonly isOn: boolean;
  list(): readonly KnownKey[];
  /** Makes a key; its text is told once, here. Whether the caller may is asked again when its turn has come. */
  add(key: Omit<AccessKey, "sha256" | "createdAt">, request: IncomingMessage): Promise<string>;
  remove(name: string, caller: Caller): Promise<boolean>;
}

export interface KnownKey {
  readonly key: AccessKey;
  /** Where it was written down. */
  readonly in: "configuration" | "store";
}

export interface AccessSettings {
  readonly keys: readonly AccessKey[];
  readonly stored: readonly AccessKey[];
  readonly store: KeyStore;
  readonly quotas: Quotas;
  readonly clock: Clock;
  readonly emit: Emitter<TaskEvents>["emit"];
  readonly onError: (thrown: unknown) => void;
}

export async function createAccess(settings: AccessSettings): Promise<Access> {
  const { store, quotas, clock, emit } = settings;
  let configured = settings.keys;
  let stored = settings.stored;
  let ring = createKeyRing(inForce());
  let isCounted = hasLimits();
  if (isCounted) quotas.begin(await store.countOpen());

  /** Of two with one name, that of the configuration: the other is of no use meanwhile. */
  function inForce(): readonly AccessKey[] {
    const names = new Set(configured.map(({ name }) => name));
    return [...configured, ...stored.filter(({ name }) => !names.has(name))];
  }

  function renew(): void {
    ring = createKeyRing(inForce());
    countOpen();
  }

  function hasLimits(): boolean {
    return inForce().some(({ quota }) => quota.maxOpen !== null);
  }

  /** What was submitted before the first quota was given counts, too. */
  function countOpen(): void {
    if (isCounted || !hasLimits()) return;
    isCounted = true;
    quotas.recount(store.countOpen).catch((thrown: unknown) => {
      isCounted = false;
      settings.onError(thrown);
    });
  }

  function identify(request: IncomingMessage, text: string | null, noKey: HeadgateError): Caller {
    if (ring.isEmpty) return ANYONE;
    const key = text === null ? null : ring.find(text);
    if (key !== null) return { name: key.name, role: key.role, client: key.client };
    const { method = "", url: path = "" } = request;
    emit("access.denied", { code: "unauthorized", key: null, method, path });
    throw text === null ? noKey : UNKNOWN_KEY;
  }

  function callerOf(request: IncomingMessage): Caller {
    return identify(request, ownField(request) ?? bearer(request), NO_KEY.control);
  }

  // One after the other, each sees what the one before has left: the first key is made once, the last is not removed.
  let changing: Promise<unknown> = Promise.resolve();
  function inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const changed = changing.then(change, change);
    changing = changed;
    return changed;
  }

  return {
    get isOn() {
      return !ring.isEmpty;
    },
    callerOf,
    submitterOf: (request, lane) =>
      lane?.keyIn === "authorization"
        ? identify(request, bearer(request), NO_KEY.bearer)
        : identify(request, ownField(request), NO_KEY.own),
    charge(caller, tasks) {
      const key = caller.name === null ? null : ring.named(caller.name);
      return key === null ? NO_CHARGE : quotas.take(key, tasks);
    },
    wouldOpen: (keys) => keys.length === 0 && stored.length === 0 && !ring.isEmpty,
    configure(keys) {
      configured = keys;
      renew();
    },
    list: () => [
      ...configured.map((key) => ({ key, in: "configuration" as const })),
      ...stored.map((key) => ({ key, in: "store" as const })),
    ],
    add: (made, request) =>
      inTurn(async () => {
        const caller = callerOf(request);
        if (caller.name === null) expectFirst(made, request);
        else if (!may(caller, "administer")) throw NO_ADMIN;
        if (ring.named(made.name) !== null) throw nameTaken(made.name);
        const text = `hg_${randomBytes(32).toString("base64url")}`;
        const sha256 = createHash("sha256").update(text).digest("hex");
        const key: AccessKey = { ...made, sha256, createdAt: clock.now() };
        if (!(await store.add(key))) throw nameTaken(made.name);
        stored = [...stored, key];
        renew();
        emit("key.changed", { name: key.name, change: "added", by: caller.name });
        return text;
      }),
    remove: (name, caller) =>
      inTurn(async () => {
        if (!stored.some((key) => key.name === name)) {
          if (ring.named(name) !== null) throw IN_CONFIGURATION;
          return false;
        }
        if (ring.named(name)?.role === "admin" && !inForce().some(isOtherAdmin(name))) throw LAST_ADMIN;
        if (!(await store.remove(name))) return false;
        stored = stored.filter((key) => key.name !== name);
        renew();
        emit("key.changed", { name, change: "removed", by: caller.name });
        return true;
      }),
  };
}

/** RFC 6750 2.1. */
function bearer({ headers }: IncomingMessage): string | null {
  return /^Bearer +([!-~]+) *$/i.exec(headers.authorization ?? "")?.[1] ?? null;
}

function ownField({ headers }: IncomingMessage): string | null {
  const value = headers["headgate-key"];
  return typeof value === "string" && value !== "" ? value : null;
}

/**
 * Whoever may do everything makes the first key, and with it decides who may from then on. That is for somebody on this
 * machine: on an open port, anybody could lock everybody out.
 */
function expectFirst({ role }: Pick<AccessKey, "role">, { socket, headers }: IncomingMessage): void {
  if (role !== "admin") {
    throw new HeadgateError("conflict", "The first key must have the role admin: it makes the others.", {
      field: "role",
    });
  }
  const address = socket.remoteAddress ?? "";
  // A proxy on this machine calls for somebody who need not be.
  const isForwarded = FORWARDING.some((name) => headers[name] !== undefined);
  if (isForwarded || !isLoopback(address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address)) {
    throw new HeadgateError(
      "forbidden",
      "The first key is made on this machine itself, or in the configuration.",
    );
  }
}

const FORWARDING: readonly string[] = Object.freeze([
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
]);

function nameTaken(name: string): HeadgateError {
  return new HeadgateError("conflict", `There is a key ${name} already.`, { field: "name" });
}

const CHALLENGE = Object.freeze({ "WWW-Authenticate": 'Bearer realm="Headgate"' });

const NO_KEY = Object.freeze({
  own: keyWanted("Headgate-Key", "A key is wanted, in Headgate-Key."),
  bearer: keyWanted(
    "Authorization",
    "A key is wanted, as `Authorization: Bearer <key>`: this route has it there.",
  ),
  control: keyWanted("Headgate-Key", "A key is wanted, in Headgate-Key or as `Authorization: Bearer <key>`."),
});

function keyWanted(field: string, message: string): HeadgateError {
  return new HeadgateError("unauthorized", message, { field, headers: CHALLENGE });
}

const UNKNOWN_KEY = new HeadgateError("unauthorized", "This key is not known.", { headers: CHALLENGE });
function isOtherAdmin(name: string): (key: AccessKey) => boolean {
  return (key) => key.role === "admin" && key.name !== name;
}

const NO_ADMIN = new HeadgateError("forbidden", "Only a key with the role admin makes others.");
const LAST_ADMIN = new HeadgateError(
  "conflict",
  "This is the only key with the role admin: without it nobody could make another, or anybody could. Make one first.",
);
const IN_CONFIGURATION = new HeadgateError("conflict", "This key is in the configuration; remove it there.");

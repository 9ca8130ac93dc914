/** Who calls, and what they may do. Without keys everybody is `ANYONE`. */

/**
 *  - `submit`   sends requests, and sees and handles what is its own
 *  - `read`     sees everything and changes nothing
 *  - `operate`  sees and handles everything, for any client; pauses lanes, cleans up
 *  - `admin`    also keys
 */
export type Role = "submit" | "read" | "operate" | "admin";

export const ROLES: readonly Role[] = Object.freeze(["submit", "read", "operate", "admin"]);

export interface Caller {
  /** Of the key; null without one. */
  readonly name: string | null;
  readonly role: Role;
  /** Whose tasks its requests become, unless it may name another client; null for the one it names, or its address. */
  readonly client: string | null;
}

export const ANYONE: Caller = Object.freeze({ name: null, role: "admin", client: null });

/** What a call does: look at tasks, send or change tasks, look at the whole, change the whole, change who may call. */
export type Deed = "see" | "handle" | "survey" | "operate" | "administer";

const MAY: Readonly<Record<Role, ReadonlySet<Deed>>> = Object.freeze({
  submit: new Set<Deed>(["see", "handle"]),
  read: new Set<Deed>(["see", "survey"]),
  operate: new Set<Deed>(["see", "handle", "survey", "operate"]),
  admin: new Set<Deed>(["see", "handle", "survey", "operate", "administer"]),
});

export function may({ role }: Caller, deed: Deed): boolean {
  return MAY[role].has(deed);
}

/** The only client whose tasks a caller meets; null for all. What belongs to another is to them as if it were not there. */
export function confinedTo({ role, client }: Caller): string | null {
  return role === "submit" ? client : null;
}

/** Who takes up what there is only so much of, as a place to wait in: a client, over all its keys; without keys, an address. */
export function holderOf({ name, client }: Caller, address: string): string {
  return client ?? name ?? address;
}

export function owns(caller: Caller, client: string): boolean {
  const only = confinedTo(caller);
  return only === null || only === client;
}

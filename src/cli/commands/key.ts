import type { Key } from "../../../client/views.ts";
import { type ConnectionFlags, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { table } from "../table.ts";
import { colour, notify, print } from "../terminal.ts";

export interface NewKeyFlags extends ConnectionFlags {
  readonly role: Key["role"];
  readonly client?: string;
  readonly rate?: string;
  readonly maxOpen?: number;
}

/** `headgate key create`: the key's text alone on standard output, so that a shell can take it. */
export function createKey(name: string, flags: NewKeyFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    const { role, client, rate, maxOpen } = flags;
    const key = await headgate.createKey({
      name,
      role,
      ...(client === undefined ? {} : { client }),
      ...(rate === undefined ? {} : { rate }),
      ...(maxOpen === undefined ? {} : { max_open: maxOpen }),
    });
    print(flags.json ? JSON.stringify({ name, role, key }) : key);
    if (!flags.json) notify(`key ${name} (${role}): keep it, it is told this once`);
    return ExitCode.ok;
  });
}

/** `headgate key list` */
export function listKeys(flags: ConnectionFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    const keys = await headgate.keys();
    if (flags.json) print(JSON.stringify(keys, null, 2));
    else if (keys.length === 0) notify("no keys: everybody may do everything");
    else print(keyTable(keys));
    return ExitCode.ok;
  });
}

/** `headgate key remove` */
export function removeKey(name: string, flags: ConnectionFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    await headgate.removeKey(name);
    print(flags.json ? JSON.stringify({ removed: name }) : `removed ${name}`);
    return ExitCode.ok;
  });
}

function keyTable(keys: readonly Key[]): string {
  const rows = keys.map((key) => [
    key.name,
    key.role,
    key.client,
    key.rate ?? "-",
    key.max_open === null ? "-" : String(key.max_open),
    key.created_at ?? "-",
    key.in,
  ]);
  return table([["name", "role", "client", "rate", "max_open", "created", "in"], ...rows], {
    paint: (text, row) => (row === 0 ? colour("dim", text) : text),
  });
}

import type { Emitter } from "../lib/emitter.ts";
import type { Caller } from "./caller.ts";
import type { TaskEvents } from "./event.ts";

/**
 * Tells of a call that was refused for what its key may do or use, by either way in; other codes are none of that. Whose key
 * is not known is told of where it is looked up. `caller` is null for whoever is not known yet.
 */
export function tellDenied(
  emit: Emitter<TaskEvents>["emit"],
  code: string,
  caller: Caller | null,
  call: { readonly method: string; readonly path: string },
): void {
  if (code !== "forbidden" && code !== "quota_exceeded") return;
  emit("access.denied", { code, key: caller?.name ?? null, ...call });
}

import { HeadgateError } from "../lib/error.ts";
import { type Caller, confinedTo } from "../task/caller.ts";

/**
 * Whose task a request becomes. A key that is confined to a client's tasks submits for that client alone; others name
 * whom they submit for. Without a key it is the name that was given, or the address.
 */
export function clientNameOf(caller: Caller, named: string | null, address: string): string {
  const only = confinedTo(caller);
  if (only !== null && named !== null && named !== only) {
    throw new HeadgateError("forbidden", `This key submits for ${only}, and for no other client.`, {
      field: "Headgate-Client",
    });
  }
  return named ?? caller.client ?? address;
}

import type { Delivery, DeliveryFilter } from "../../../client/webhooks.ts";
import { createClock } from "../../lib/clock.ts";
import { age } from "../amounts.ts";
import { type ConnectionFlags, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { table } from "../table.ts";
import { colour, notify, print, terminalColumns } from "../terminal.ts";

export interface DeliveryFlags extends ConnectionFlags {
  readonly state?: Delivery["state"];
  readonly task?: string;
  readonly endpoint?: string;
  readonly limit: number;
}

/** `headgate webhook list`: what was sent to receivers, newest first. */
export function listDeliveries(flags: DeliveryFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    const { state, task, endpoint, limit } = flags;
    const filter: DeliveryFilter = {
      ...(state === undefined ? {} : { state }),
      ...(task === undefined ? {} : { task }),
      ...(endpoint === undefined ? {} : { endpoint }),
    };
    const { deliveries } = await headgate.webhooks.deliveries(filter, { limit });
    if (flags.json) for (const delivery of deliveries) print(JSON.stringify(delivery));
    else if (deliveries.length === 0) notify("no deliveries");
    else print(deliveryTable(deliveries, terminalColumns()));
    return ExitCode.ok;
  });
}

/** `headgate webhook redeliver` */
export function redeliver(id: string, flags: ConnectionFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    await headgate.webhooks.redeliver(id);
    print(flags.json ? JSON.stringify({ delivery: id }) : `${id} is sent again`);
    return ExitCode.ok;
  });
}

const URL_COLUMN = 5;
/** Type, age, tries. */
const SPARE: readonly number[] = [2, 4, 3];

function deliveryTable(deliveries: readonly Delivery[], columns: number | null): string {
  const now = createClock().now();
  const rows = deliveries.map(({ id, state, type, tries, created_at: created, url, log }) => {
    const last = log.at(-1);
    const latest = last === undefined ? "-" : (last.error ?? String(last.status ?? "-"));
    return [id, state, type, String(tries), age(created, now), url, latest];
  });
  return table([["delivery", "state", "type", "tries", "age", "receiver", "latest answer"], ...rows], {
    columns,
    shrink: URL_COLUMN,
    spare: SPARE,
    paint: (text, row) => (row === 0 ? colour("dim", text) : text),
  });
}

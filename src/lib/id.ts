import { randomUUID } from "node:crypto";
import type { Clock } from "./clock.ts";

const COUNTER_LIMIT = 0x1000;

/**
 * Task ids: UUID version 7 (RFC 9562 5.7) whose 12 bits after the version are a counter within the millisecond, so ids
 * made by one node grow strictly and each insert lands at the end of the index. The last 62 bits are random: an id
 * cannot be guessed from another.
 */
export function createIdSource(clock: Clock): () => string {
  let millisecond = 0;
  let counter = 0;
  let prefix = "";

  function startMillisecond(next: number): void {
    millisecond = next;
    counter = 0;
    const time = millisecond.toString(16).padStart(12, "0");
    prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`;
  }

  return () => {
    const now = clock.now();
    if (now > millisecond) startMillisecond(now);
    else if (++counter === COUNTER_LIMIT) startMillisecond(millisecond + 1);
    const random = randomUUID().slice(18);
    return prefix + counter.toString(16).padStart(3, "0") + random;
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function isId(text: string): boolean {
  return UUID.test(text);
}

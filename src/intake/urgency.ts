import { PRIORITY } from "../task/task.ts";

/**
 * RFC 9218 4.1 urgencies, 0 being the most urgent, as our priorities, 9 being the highest. The RFC's default of 3 is our
 * default, so that a client that spells it out gains nothing.
 */
const PRIORITY_OF_URGENCY: readonly number[] = Object.freeze([9, 7, 5, PRIORITY.default, 3, 2, 1, 0]);

/**
 * Our priority for a `Priority` field; null when it names no urgency. The field speaks to every hop, so what is unknown
 * or malformed in it counts as absent (RFC 9218 4); of several urgencies the last counts (RFC 8941 3.2).
 */
export function priorityOfUrgency(field: string): number | null {
  let priority: number | null = null;
  for (const member of field.split(",")) {
    const urgency = /^\s*u=([0-7])\s*(?:;.*)?$/.exec(member)?.[1];
    if (urgency !== undefined) priority = PRIORITY_OF_URGENCY[Number(urgency)] ?? priority;
  }
  return priority;
}

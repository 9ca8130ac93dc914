import { Buffer } from "node:buffer";
import { z } from "zod";
import type { WalkPlace } from "./walk.ts";

const FORM = "must be the next_cursor of an earlier call";
const PLACE = z.tuple([
  z.uuid().nullable(),
  z.boolean(),
  z.array(z.tuple([z.string(), z.uuid().nullable()])),
]);

/** Opaque to clients: it says of each lane without room where its tasks go on. */
export function writeCursor({ reached, isThrough, held }: WalkPlace): string {
  return Buffer.from(JSON.stringify([reached, isThrough, [...held]])).toString("base64url");
}

export const BULK_CURSOR: z.ZodType<WalkPlace, string> = z.string(FORM).transform((text, context) => {
  try {
    const [reached, isThrough, held] = PLACE.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
    return { reached, isThrough, held: new Map(held) };
  } catch {
    context.addIssue(FORM);
    return z.NEVER;
  }
});

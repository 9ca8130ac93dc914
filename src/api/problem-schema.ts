import { z } from "zod";

/** RFC 9457. `code` is a plain string here: a task that failed has its own error's code. */
const PROBLEM = z
  .object({
    type: z.string().describe("`urn:headgate:problem:` and the code."),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe("Stable; the rest is for people."),
    field: z.string().optional().describe("The parameter, member or header that is wrong."),
    index: z.int().nonnegative().optional().describe("Which request of a batch is wrong, counted from 0."),
    task_status: z.string().optional().describe("The task's state, when that is what stands in the way."),
    success: z.literal(false),
    message: z.string(),
  })
  .meta({ id: "Problem" });

/** A route's answer that is a problem, for its `response` schema. */
export interface ProblemResponse {
  readonly description: string;
  readonly content: { readonly "application/problem+json": { readonly schema: z.ZodType } };
}

export function problem(description: string): ProblemResponse {
  return { description, content: { "application/problem+json": { schema: PROBLEM } } };
}

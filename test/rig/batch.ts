// Many requests in one call, as tests write and read them.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Answer, call, type ProblemView } from "./client.ts";
import type { Gateway } from "./gateway.ts";

export interface BatchView {
  readonly batch_id: string;
  readonly size: number;
  readonly tasks: Readonly<Record<string, number>>;
  readonly percent: number;
  readonly created_at: string;
  readonly completed_at: string | null;
  readonly tasks_url: string;
}

export interface Submitted {
  readonly batch_id: string;
  readonly count: number;
  readonly task_ids: readonly string[];
  readonly data: { readonly status_url: string; readonly tasks_url: string };
}

/** `index` is of the request that is wrong. */
export type Problem = ProblemView & { readonly index?: number };

/** JSON; a text is sent as it is. */
export function post(
  base: URL,
  path: string,
  body: unknown,
  headers: readonly string[] = [],
): Promise<Answer> {
  return call(base, {
    method: "POST",
    path,
    headers: ["Content-Type", "application/json", ...headers],
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export function submitBatch(
  base: URL,
  requests: readonly unknown[],
  headers: readonly string[] = [],
): Promise<Answer> {
  return post(base, "/tasks/batch", { requests }, headers);
}

export async function submittedBatch(base: URL, requests: readonly unknown[]): Promise<Submitted> {
  const answer = await submitBatch(base, requests);
  assert.equal(answer.status, 202, answer.text);
  return answer.json();
}

/** A batch when all of it is over. */
export async function batchOutcome(base: URL, id: string): Promise<BatchView> {
  for (;;) {
    const answer = await call(base, { path: `/batches/${id}?wait=30` });
    assert.equal(answer.status, 200, answer.text);
    const view = answer.json<BatchView>();
    if (view.completed_at !== null) return view;
  }
}

/** Bodies that are files. */
export async function bodiesIn({ dataDir }: Gateway): Promise<number> {
  return (await readdir(join(dataDir, "bodies"))).length;
}

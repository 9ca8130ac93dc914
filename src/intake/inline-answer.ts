import type { ServerResponse } from "node:http";
import { isDeleted, sendBody } from "../lib/send-body.ts";
import type { BodyStore, Found, Store } from "../store/store.ts";
import { holderOf } from "../task/caller.ts";
import { noAnswer } from "../task/no-answer.ts";
import { bodySize, isFinal, type RawHeaders, type StoredResponse, type Task } from "../task/task.ts";
import type { Vault } from "../task/vault.ts";
import type { Wait, WaitUntilFinal } from "../task/wait.ts";
import type { Head } from "./head.ts";
import type { Preference } from "./prefer.ts";

/** The target's answer itself instead of a receipt, for clients that wait for it. */
export interface InlineAnswers {
  /** Waiting begins with the call: whoever calls before the task is kept misses no end of it. Null when too many wait already. */
  wait(id: string, client: ServerResponse, head: Pick<Head, "caller" | "origin" | "preference">): Wait | null;
  /** When the wait is over: answers a client whose task has ended in time. */
  answer(id: string, client: ServerResponse, preference: Preference): Promise<WaitEnd>;
}

/** `unanswered` is to be given a receipt; `found` is where its task stands, as far as that could be looked up. */
export type WaitEnd =
  | { readonly kind: "answered" | "left" }
  | { readonly kind: "unanswered"; readonly found: Found | null };

export interface InlineSettings {
  readonly waitUntilFinal: WaitUntilFinal;
  readonly find: Store["find"];
  readonly response: Store["response"];
  readonly readBody: BodyStore["read"];
  readonly unseal: Vault["open"];
  /** Told of errors that clients are not told of. */
  readonly onUnexpected: (error: unknown) => void;
}

export function createInlineAnswers(settings: InlineSettings): InlineAnswers {
  const { onUnexpected } = settings;

  /** False when there is nothing to answer with any more: the task was deleted as soon as it had ended. */
  async function write(task: Task, client: ServerResponse, preference: Preference): Promise<boolean> {
    // Without Vary a cache would hand it to clients that prefer a receipt (RFC 7240 2).
    const ours = ["Headgate-Task-Id", task.id, "Vary", "Prefer"];
    if (preference.appliedToAnswer !== null) ours.push("Preference-Applied", preference.appliedToAnswer);
    if (task.responseStatus === null) {
      writeProblem(task, client, ours);
      return true;
    }
    const stored = await settings.response(task.id);
    if (stored === null) return false;
    const answer = { ...stored, headers: settings.unseal(stored.headers) };
    const headers = [...answerHeaders(answer, task.method), ...ours];
    const { status, body } = answer;
    if (body.kind === "file" && task.method !== "HEAD") {
      const writeHead = (): void => void client.writeHead(status, headers);
      await sendBody(settings.readBody(body), client, writeHead, onUnexpected);
    } else {
      client.writeHead(status, headers);
      client.end(body.kind === "inline" ? body.bytes : undefined);
    }
    return true;
  }

  return {
    wait(id, client, { caller, origin, preference }) {
      const wait = settings.waitUntilFinal(id, preference.waitMs, holderOf(caller, origin.address));
      if (wait === null) return null;
      client.on("close", wait.leave);
      if (client.destroyed) wait.leave();
      return wait;
    },
    async answer(id, client, preference) {
      if (client.destroyed) return { kind: "left" };
      let found: Found | null = null;
      try {
        found = await settings.find(id);
        if (found !== null && isFinal(found.task.state) && (await write(found.task, client, preference))) {
          return { kind: "answered" };
        }
      } catch (error) {
        // The task is kept whatever went wrong here, and a receipt says where to look.
        if (!isDeleted(error)) onUnexpected(error);
      }
      return { kind: "unanswered", found };
    },
  };
}

/**
 * The fields of the target's answer as they came: unlike a replay, which is read at Headgate's own origin, this is the
 * service speaking to its own client, so cookies and the like are the client's. Those of one connection are not stored.
 */
function answerHeaders({ status, headers, body }: StoredResponse, method: string): string[] {
  // RFC 9110 8.6: these may say how long the body would be that they do not have.
  const isAboutAnother = method === "HEAD" || status === 304;
  const kept: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    // What only Headgate says: a target that is a Headgate too has another id for its part.
    if (name.startsWith("headgate-") || (name === "content-length" && !isAboutAnother)) continue;
    kept.push(headers[i] as string, headers[i + 1] as string);
  }
  if (!isAboutAnother && status !== 204) kept.push("Content-Length", String(bodySize(body)));
  return kept;
}

function writeProblem(task: Task, client: ServerResponse, ours: RawHeaders): void {
  const { status, headers, body } = noAnswer(task);
  const payload = JSON.stringify(body);
  const fields = Object.entries(headers).flat();
  client.writeHead(status, [...fields, "Content-Length", String(Buffer.byteLength(payload)), ...ours]);
  client.end(payload);
}

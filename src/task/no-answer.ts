import type { ProblemBody } from "../lib/problem.ts";
import type { Task } from "./task.ts";

/** What stands where a target's answer would: why there is none. */
export interface NoAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** RFC 9457; its code is the task's own error's. */
  readonly body: Omit<ProblemBody, "code"> & { readonly code: string };
}

/**
 * 410 for a task that was cancelled; 504 for one whose time ran out, in line or at the target; 502 for every other
 * failure. `code` is that of the task's error, which `Proxy-Status` repeats where RFC 9209 knows it.
 */
export function noAnswer({ state, reason, error }: Task): NoAnswer {
  if (state === "cancelled") return describe(410, "cancelled", "The task was cancelled.");
  const code = error?.code ?? reason;
  const isLate = code.endsWith("_timeout") || code === "expired_in_queue";
  return describe(isLate ? 504 : 502, code, error?.message ?? "The task ended without an answer.");
}

function describe(status: number, code: string, message: string): NoAnswer {
  return {
    status,
    headers: {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      ...(PROXY_ERROR.test(code) ? { "Proxy-Status": `headgate; error=${code}` } : {}),
    },
    body: {
      type: `urn:headgate:problem:${code}`,
      title: TITLES[status] as string,
      status,
      detail: message,
      code,
      success: false,
      message,
    },
  };
}

const TITLES: Readonly<Record<number, string>> = Object.freeze({
  410: "Task cancelled",
  502: "Task failed",
  504: "Task ran out of time",
});

/** The types of RFC 9209 2.3 that concern a target; our own codes begin otherwise. */
const PROXY_ERROR = /^(?:dns|destination|connection|tls|http|proxy)_[a-z_]+$/;

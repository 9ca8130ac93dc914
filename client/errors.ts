/** RFC 9457 problem as Headgate writes it. */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status: number;
  readonly detail: string;
  /** Stable: match on this, never on the text. */
  readonly code: string;
  /** What of the request is wrong. */
  readonly field?: string;
  readonly task_status?: string;
}

/** Headgate has refused a call, or could not do it. */
export class HeadgateError extends Error {
  readonly code: string;
  readonly status: number;
  readonly field: string | null;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds: number | null;
  readonly problem: Problem;

  constructor(problem: Problem, retryAfterSeconds: number | null = null) {
    super(problem.detail);
    this.name = new.target.name;
    this.code = problem.code;
    this.status = problem.status;
    this.field = problem.field ?? null;
    this.retryAfterSeconds = retryAfterSeconds;
    this.problem = problem;
  }
}

/** The queue is full (`queue_full`), or the task would have begun too late (`start_within_unmet`): come again later. */
export class QueueFullError extends HeadgateError {}

/** There is no such task, or it belongs to somebody else. */
export class NotFoundError extends HeadgateError {}

/** No key, or not one that may do this. */
export class AccessError extends HeadgateError {}

/** The error that a problem is; an answer that is none (from something in between) gets the code `unknown`. */
export async function toHeadgateError(response: Response): Promise<HeadgateError> {
  const text = await response.text();
  const problem = parseProblem(text, response);
  const retryAfter = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const seconds = Number.isFinite(retryAfter) ? retryAfter : null;
  return new (kindOf(problem))(problem, seconds);
}

function kindOf({ code, status }: Problem): typeof HeadgateError {
  if (code === "queue_full" || code === "start_within_unmet") return QueueFullError;
  if (status === 404) return NotFoundError;
  return status === 401 || status === 403 ? AccessError : HeadgateError;
}

function parseProblem(text: string, { status, statusText }: Response): Problem {
  const fallback = { status, code: "unknown", detail: `The server answered ${status} ${statusText}`.trim() };
  const parsed = parseJson(text) as Partial<Problem> | null | undefined;
  return typeof parsed?.code === "string" ? { ...fallback, ...parsed } : fallback;
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

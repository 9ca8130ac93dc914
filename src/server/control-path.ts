/** The first path segments that belong to Headgate itself. */
const CONTROL_SEGMENTS: ReadonlySet<string> = new Set([
  "task",
  "tasks",
  "batches",
  "webhooks",
  "keys",
  "stats",
  "metrics",
  "events",
  "targets",
  "lanes",
  "healthz",
  "readyz",
  "openapi.json",
  "docs",
  "dashboard",
]);
const LONGEST_SEGMENT = 12;

/** The target under which the control API knows a request, or null when the request is to be forwarded. */
export type ControlTargetOf = (method: string, target: string) => string | null;

/**
 * Decides by the raw first segment, never decoded: `/%74ask/x` belongs to the target, which gets it as it is, so that no
 * request can be read as one thing here and another there. A prefix moves the whole namespace, `/` too; below it
 * every path is control, and nothing beside it.
 */
export function createControlTargetOf(prefix: string): ControlTargetOf {
  if (prefix === "") return (method, target) => (isControl(method, target) ? target : null);
  return (_method, target) => {
    if (!target.startsWith(prefix)) return null;
    const rest = target.slice(prefix.length);
    if (rest === "" || rest.startsWith("?")) return `/${rest}`;
    return rest.startsWith("/") ? rest : null;
  };
}

function isControl(method: string, target: string): boolean {
  const end = endOfFirstSegment(target);
  if (end === 1 && target[1] !== "/") return method === "GET" || method === "HEAD";
  return CONTROL_SEGMENTS.has(target.slice(1, end));
}

function endOfFirstSegment(target: string): number {
  let end = 1;
  while (end < target.length && end <= LONGEST_SEGMENT + 1) {
    const character = target.charCodeAt(end);
    if (character === SLASH || character === QUESTION_MARK) break;
    end++;
  }
  return end;
}

const SLASH = 0x2f;
const QUESTION_MARK = 0x3f;

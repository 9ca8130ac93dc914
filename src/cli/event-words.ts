import type { ServerSentEvent } from "../../client/sse.ts";
import { harmless } from "./harmless.ts";
import { inColourOf } from "./outcome.ts";
import { colour } from "./terminal.ts";
import { pad } from "./width.ts";

/** Data of the events of `GET /events`, as far as they are worded. */
interface TaskNews {
  readonly task_id: string;
  readonly status?: string;
  readonly reason?: string;
  readonly route?: string;
  readonly at?: string;
  readonly method?: string;
  readonly path?: string;
  readonly percent?: number | null;
  readonly message?: string | null;
  readonly error?: { readonly message: string } | null;
}

/** Words an event in one line; null for one that says nothing to people. Remembers which request a task is. */
export function createEventWords(): (event: ServerSentEvent) => string | null {
  const requests = new Map<string, string>();

  /** Only the first news of a task name its request. */
  function requestOf({ task_id: id, method, path, status }: TaskNews): string {
    const request = path === undefined ? (requests.get(id) ?? "") : `${method} ${path}`;
    if (status === undefined || status === "pending" || status === "processing")
      remember(requests, id, request);
    else requests.delete(id);
    return request;
  }

  return ({ type, data }) => {
    const news = JSON.parse(data) as TaskNews;
    switch (type) {
      case "state":
      case "final":
        return taskLine(news, requestOf(news));
      case "progress":
        return progressLine(news, requestOf(news));
      case "reset":
        return colour("dim", "(what happened before this is not known any more)");
      default:
        return `${pad("", TIME_WIDTH)}  ${pad(harmless(type), STATUS_WIDTH)}  ${harmless(data)}`;
    }
  };
}

const MOST_REMEMBERED = 10_000;
const TIME_WIDTH = "03:04:05".length;
const STATUS_WIDTH = "processing".length;

function remember(requests: Map<string, string>, id: string, request: string): void {
  if (request === "") return;
  requests.delete(id);
  requests.set(id, request);
  const [oldest] = requests.keys();
  if (requests.size > MOST_REMEMBERED && oldest !== undefined) requests.delete(oldest);
}

function taskLine(news: TaskNews, request: string): string {
  const { status = "", reason = "", error } = news;
  const why = error === null || error === undefined ? "" : ` (${error.message})`;
  const more = reason === status || reason === "running" || reason === "queued" ? "" : ` ${reason}`;
  return lineOf(news, status, request + more + why);
}

function progressLine(news: TaskNews, request: string): string {
  const { percent = null, message } = news;
  const done = [percent === null ? "" : `${percent}%`, message ?? ""].filter((part) => part !== "");
  return lineOf(news, "progress", [done.join(" "), request].join("  "));
}

/** `03:04:05  completed   0196…  default  POST /api/x` */
function lineOf({ at, task_id: id, route = "" }: TaskNews, status: string, rest: string): string {
  const time = /T(\d\d:\d\d:\d\d)/.exec(at ?? "")?.[1] ?? "";
  return [
    colour("dim", pad(time, TIME_WIDTH)),
    inColourOf(status, pad(harmless(status), STATUS_WIDTH)),
    harmless(id),
    harmless(route),
    harmless(rest),
  ].join("  ");
}

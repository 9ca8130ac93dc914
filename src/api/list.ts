import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import type { ListFilter, Store } from "../store/store.ts";
import { confinedTo } from "../task/caller.ts";
import { STATES } from "../task/task.ts";
import type { ControlInstance } from "./instance.ts";
import { instantIn, numberIn, only, taskIdIn, textIn } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import { TASK, type TaskView } from "./task-schema.ts";
import { type TaskPace, type ViewOptions, viewTask } from "./task-view.ts";

export interface ListSettings {
  readonly list: Store["list"];
  readonly pace: TaskPace;
  readonly viewOptions: ViewOptions;
  readonly clock: Clock;
}

const LARGEST_PAGE = 1_000;
const LIMIT_RANGE = `must be a whole number from 1 to ${LARGEST_PAGE}`;
const LABEL_FORM = "must be key=value, given once";

const LIST_QUERY = only({
  status: z.enum(STATES, { error: `must be one of ${STATES.join(", ")}` }).optional(),
  limit: numberIn(z.int(LIMIT_RANGE).min(1, LIMIT_RANGE).max(LARGEST_PAGE, LIMIT_RANGE)).prefault(50),
  cursor: taskIdIn("must be the next_cursor of an earlier page").optional(),
  route: textIn().optional(),
  method: textIn(32).transform(toUpperCase).optional(),
  path: textIn().optional().describe("What the path begins with."),
  since: instantIn().optional().describe("Accepted at or after."),
  until: instantIn().optional().describe("Accepted before."),
  label: z
    .string(LABEL_FORM)
    .regex(/^[^=]+=/, LABEL_FORM)
    .transform(toLabel)
    .optional()
    .describe("`key=value`"),
  client: textIn().optional(),
  q: textIn().optional().describe("Part of the id or of the path."),
});

interface TaskList {
  readonly success: true;
  readonly tasks: readonly TaskView[];
  readonly count: number;
  readonly next_cursor: string | null;
}

const TASK_LIST: z.ZodType<TaskList> = z
  .object({
    success: z.literal(true),
    tasks: z
      .array(TASK)
      .describe("Newest first; `result` and `response.headers` are left to the task itself."),
    count: z.int().nonnegative().describe("Tasks on this page."),
    next_cursor: z
      .string()
      .nullable()
      .describe(
        "For `cursor`; null on the last page. A filter that matches little gives short pages before it.",
      ),
  })
  .meta({ id: "TaskList" });

/** `GET /tasks`. */
export function addListRoute(app: ControlInstance, settings: ListSettings): void {
  app.route({
    method: "GET",
    url: "/tasks",
    config: { deed: "see" },
    schema: {
      operationId: "listTasks",
      summary: "Tasks, newest first",
      querystring: LIST_QUERY,
      response: { 200: TASK_LIST, 400: problem("A parameter is malformed or not known.") },
    },
    async handler(request, reply) {
      const { tasks, next } = await settings.list(toFilter(request.query, confinedTo(request.caller)));
      const context = { now: settings.clock.now(), options: settings.viewOptions, pace: settings.pace };
      const list: TaskList = {
        success: true,
        tasks: tasks.map((task) => viewTask({ task, position: null }, null, context)),
        count: tasks.length,
        next_cursor: next,
      };
      return reply.header("Cache-Control", "no-store").send(list);
    },
  });
}

/** Who is confined to a client lists that one's tasks; those of another that were asked for are none. */
function toFilter(query: z.output<typeof LIST_QUERY>, only: string | null): ListFilter {
  const { limit, cursor, status, route, method, path, since, until, label, q } = query;
  const client = only ?? query.client;
  return {
    limit,
    ...(cursor === undefined ? {} : { after: cursor }),
    ...(status === undefined ? {} : { state: status }),
    ...(route === undefined ? {} : { lane: route }),
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { pathPrefix: path }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(label === undefined ? {} : { label }),
    ...(client === undefined ? {} : { client }),
    ...(q === undefined ? {} : { text: q }),
  };
}

function toUpperCase(text: string): string {
  return text.toUpperCase();
}

function toLabel(text: string): { readonly key: string; readonly value: string } {
  const equals = text.indexOf("=");
  return { key: text.slice(0, equals), value: text.slice(equals + 1) };
}

import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import { mapAtOnce } from "../lib/turns.ts";
import type { Page, Store } from "../store/store.ts";
import type { ControlInstance } from "./instance.ts";
import { numberIn, only, taskIdIn } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import { FILTER, toListFilter } from "./task-filter.ts";
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

const LIST_QUERY = only({
  ...FILTER,
  limit: numberIn(z.int(LIMIT_RANGE).min(1, LIMIT_RANGE).max(LARGEST_PAGE, LIMIT_RANGE)).prefault(50),
  cursor: taskIdIn("must be the next_cursor of an earlier page").optional(),
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
        "For `cursor`; null on the last page. A filter that matches little gives short pages before it, and so do long paths.",
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
      const { limit, cursor: after, ...wanted } = request.query;
      const filter = toListFilter(wanted, request.caller);
      const { tasks, next } =
        filter === null
          ? NO_TASKS
          : await settings.list({ ...filter, limit, ...(after === undefined ? {} : { after }) });
      const context = { now: settings.clock.now(), options: settings.viewOptions, pace: settings.pace };
      const list: TaskList = {
        success: true,
        tasks: await mapAtOnce(tasks, (task) => viewTask({ task, position: null }, null, context)),
        count: tasks.length,
        next_cursor: next,
      };
      return reply.header("Cache-Control", "no-store").send(list);
    },
  });
}

const NO_TASKS: Page = Object.freeze({ tasks: [], next: null });

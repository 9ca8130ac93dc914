import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { type Language, preferredLanguage } from "../lib/language.ts";
import type { Store } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import type { ControlInstance } from "./instance.ts";
import { numberIn, only } from "./parameters.ts";
import { problem } from "./problem-schema.ts";

export interface CleanupSettings {
  readonly prune: Store["prune"];
  readonly emit: Emitter<TaskEvents>["emit"];
  readonly clock: Clock;
  readonly locale: Language;
}

/** Small enough that a commit of a client's task never waits long behind it. */
const PRUNED_AT_ONCE = 500;
const HOUR_MS = 3_600_000;
const AGE_RANGE = "must be a number of hours, 0 or more";

const CLEANUP_QUERY = only({
  max_age_hours: numberIn(z.number(AGE_RANGE).min(0, AGE_RANGE)).prefault(24),
});

const CLEANUP = z
  .object({ success: z.literal(true), deleted: z.int().nonnegative(), message: z.string() })
  .meta({ id: "Cleanup" });

/** `DELETE /tasks/cleanup`. */
export function addCleanupRoute(app: ControlInstance, settings: CleanupSettings): void {
  const { clock } = settings;
  app.route({
    method: "DELETE",
    url: "/tasks/cleanup",
    config: { deed: "operate" },
    schema: {
      operationId: "cleanUpTasks",
      summary: "Delete tasks that ended so long ago",
      description: "Only those that completed, failed or were cancelled; none that waits or runs.",
      querystring: CLEANUP_QUERY,
      response: { 200: CLEANUP, 400: problem("A parameter is malformed or not known.") },
    },
    async handler(request) {
      // The instant stays, so that what ends meanwhile does not keep this going for ever.
      const endedBefore = Math.floor(clock.now() - request.query.max_age_hours * HOUR_MS) + 1;
      let deleted = 0;
      for (
        let count = PRUNED_AT_ONCE;
        count === PRUNED_AT_ONCE && !request.raw.socket.destroyed;
        deleted += count
      ) {
        count = await settings.prune(endedBefore, PRUNED_AT_ONCE);
      }
      if (deleted > 0) settings.emit("tasks.pruned", { count: deleted });
      const language = preferredLanguage(request.headers["accept-language"], settings.locale);
      return { success: true as const, deleted, message: MESSAGE[language](deleted) };
    },
  });
}

const MESSAGE: Readonly<Record<Language, (count: number) => string>> = Object.freeze({
  en: (count) => `Deleted ${count} task${count === 1 ? "" : "s"}`,
  zh: (count) => `已清理 ${count} 个任务`,
});

import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import type { Unsubscribe } from "../lib/emitter.ts";
import type { Found, Store } from "../store/store.ts";
import { BEGINNING, END, formatPlace, isEnd, parsePlace, type Place, stepsSince } from "../task/history.ts";
import { isFinal } from "../task/task.ts";
import { visible } from "./access.ts";
import { inlineResult, writeTask } from "./inline-result.ts";
import type { ControlInstance } from "./instance.ts";
import {
  eventStream,
  POSITION_NEWS,
  type PositionNews,
  PROGRESS_NEWS,
  RESUME_QUERY,
  STATE_NEWS,
} from "./news-schema.ts";
import { TASK_PARAMS } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import { type EventStream, lastEventId, type Streams, writeEvent } from "./sse.ts";
import { isSamePosition, viewPosition, writePosition, writeStep } from "./task-news.ts";
import { TASK } from "./task-schema.ts";
import { type TaskPace, type ViewContext, type ViewOptions, viewTask } from "./task-view.ts";

export interface TaskEventsSettings {
  readonly find: Store["find"];
  readonly response: Store["response"];
  /** Shows a task now, and again whenever something about it may have changed; null when it has gone. */
  readonly watch: (id: string, onSight: (found: Found | null) => void) => Unsubscribe;
  readonly streams: Streams;
  readonly pace: TaskPace;
  readonly viewOptions: ViewOptions;
  readonly clock: Clock;
  readonly onUnexpected: (thrown: unknown) => void;
}

/** `GET /task/{id}/events`. */
export function addTaskEventsRoute(app: ControlInstance, settings: TaskEventsSettings): void {
  app.route({
    method: "GET",
    url: "/task/:id/events",
    config: { deed: "see" },
    schema: {
      operationId: "watchTask",
      summary: "A task's events as they come",
      description:
        "Server-sent events: `state` with every change, `position` while it waits, `progress` when its target tells of it, " +
        "and `final`, after which the stream ends. The first tells how the task stands. `Last-Event-ID` goes on after an " +
        "event, also over a restart; `0-0` tells everything from the beginning.",
      params: TASK_PARAMS,
      querystring: z.object(RESUME_QUERY),
      response: {
        200: eventStream(
          "Events; `data` is JSON.",
          z.union([STATE_NEWS, POSITION_NEWS, PROGRESS_NEWS, TASK]),
        ),
        204: z.undefined().describe("The event of `Last-Event-ID` was the last: do not come again."),
        400: problem("The id or a parameter is malformed."),
        404: problem("There is no such task."),
        503: problem("Too many event streams are open."),
      },
    },
    async handler(request, reply) {
      const { id } = request.params;
      const { task } = visible(await settings.find(id), request.caller);
      const last = lastEventId(request);
      const place = last === null ? null : parsePlace(last);
      if (place !== null && isEnd(place) && isFinal(task.state)) {
        return reply.header("Cache-Control", "no-store").code(204).send();
      }
      tell(id, place, request, reply, settings);
      return reply;
    },
  });
}

/** From a place on, until the task ends or goes, or its client does. */
function tell(
  id: string,
  from: Place | null,
  request: FastifyRequest,
  reply: FastifyReply,
  settings: TaskEventsSettings,
): void {
  let last = from;
  let position: PositionNews | null = null;
  let stopWatching: Unsubscribe = () => {};
  const stream = settings.streams.open(request, reply, { onEnd: () => stopWatching() });
  stopWatching = settings.watch(id, (found) => {
    if (found === null) {
      stream.end();
      return;
    }
    const context = contextOf(settings);
    let text = "";
    for (const step of stepsSince(found.task, last)) {
      last = step.place;
      if (step.kind === "final") {
        // It changes no more, and there is one end to tell of.
        stopWatching();
        stream.send(text);
        sendEnd(stream, found, settings).catch(settings.onUnexpected);
        return;
      }
      text += writeStep(step, found, context);
      // A new state has a place of its own, the same as before or not.
      if (step.kind === "state") position = null;
    }
    const now = viewPosition(found, context);
    if (now !== null && !isSamePosition(position, now)) {
      text += writePosition(now, { place: last ?? BEGINNING });
      position = now;
    }
    stream.send(text);
  });
}

async function sendEnd(stream: EventStream, found: Found, settings: TaskEventsSettings): Promise<void> {
  try {
    const response = found.task.responseStatus === null ? null : await settings.response(found.task.id);
    const data = writeTask(viewTask(found, response, contextOf(settings)), inlineResult(response));
    stream.send(writeEvent({ id: formatPlace(END), event: "final", data }));
  } finally {
    // Without the event its client comes again and asks for it.
    stream.end();
  }
}

function contextOf({ clock, viewOptions: options, pace }: TaskEventsSettings): ViewContext {
  return { now: clock.now(), options, pace };
}

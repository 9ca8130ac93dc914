import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Unsubscribe } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import { type Caller, confinedTo, may } from "../task/caller.ts";
import { STATES } from "../task/task.ts";
import type { ControlInstance } from "./instance.ts";
import { eventStream, PROGRESS_NEWS, RESUME_QUERY, STATE_NEWS } from "./news-schema.ts";
import { type News, TOPICS, type Topic } from "./news.ts";
import { only, textIn } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import { lastEventId, type Streams, writeEvent, writeId } from "./sse.ts";
import { createPulse, PULSE, type Pulse, type PulseSettings } from "./stats-pulse.ts";

export interface EventsSettings extends PulseSettings {
  /** Tells what came after an id, then whatever comes; with null only that. `onLost` says that no more is told. */
  readonly followNews: (
    after: string | null,
    onNews: (news: readonly NumberedNews[]) => void,
    onLost: () => void,
  ) => Following;
  readonly streams: Streams;
}

export interface NumberedNews {
  readonly id: string;
  readonly news: News;
}

interface Following {
  /** False when it is not known what came after the id. */
  readonly isWhole: boolean;
  readonly latest: () => string;
  readonly stop: Unsubscribe;
}

const TYPES_FORM = `must be some of ${TOPICS.join(", ")}, separated by commas`;

const EVENTS_QUERY = only({
  ...RESUME_QUERY,
  types: z
    .string(TYPES_FORM)
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(TOPICS, TYPES_FORM), TYPES_FORM))
    .optional()
    .describe(
      `What is told: ${TOPICS.join(", ")}, separated by commas. All that the key may see if not said.`,
    ),
  route: textIn().optional().describe("Of tasks, only those of this route."),
  status: z
    .enum(STATES, { error: `must be one of ${STATES.join(", ")}` })
    .optional()
    .describe("Of tasks, only those that come to this state; progress is news of `processing`."),
});

const OTHER_NEWS = z
  .record(z.string(), z.unknown())
  .describe("Data of the others, whose members docs/watching.md names.");

const NEWS_IN_PIECE = 100;

type Wanted = z.output<typeof EVENTS_QUERY>;

/** `GET /events`. */
export function addEventsRoute(app: ControlInstance, settings: EventsSettings): void {
  const pulse = createPulse(settings);
  app.addHook("onClose", pulse.stop);
  app.route({
    method: "GET",
    url: "/events",
    config: { deed: "see" },
    schema: {
      operationId: "watchAll",
      summary: "The events of all tasks, lanes and targets as they come",
      description:
        "Server-sent events: `state`, `progress` and `final` of tasks, `removed` and `pruned`; `lane`, `target`, `webhook`, " +
        "`alert`; `stats` every two seconds. `Last-Event-ID` goes on after an event. Where that is not possible any more, " +
        "`reset` comes first: what is known of the past is to be asked for anew. A key that may not survey is told of its " +
        "own client's tasks.",
      querystring: EVENTS_QUERY,
      response: {
        200: eventStream("Events; `data` is JSON.", z.union([STATE_NEWS, PROGRESS_NEWS, PULSE, OTHER_NEWS])),
        400: problem("A parameter is malformed or not known."),
        503: problem("Too many event streams are open."),
      },
    },
    async handler(request, reply) {
      const topics = topicsFor(request.caller, request.query.types);
      tell(topics, request.query, request, reply, { ...settings, pulse });
      return reply;
    },
  });
}

/** Throws `forbidden` for what is asked for and not allowed. */
function topicsFor(caller: Caller, wanted: readonly Topic[] | undefined): ReadonlySet<Topic> {
  if (wanted === undefined) return new Set(may(caller, "survey") ? TOPICS : (["task"] as const));
  const refused = may(caller, "survey") ? undefined : wanted.find((topic) => topic !== "task");
  if (refused !== undefined) {
    const message = `A key with the role ${caller.role} is told of tasks alone, not of types=${refused}.`;
    throw new HeadgateError("forbidden", message, { field: "types" });
  }
  return new Set(wanted);
}

function tell(
  topics: ReadonlySet<Topic>,
  wanted: Wanted,
  request: FastifyRequest<{ Querystring: Wanted }>,
  reply: FastifyReply,
  { followNews, pulse, streams }: Pick<EventsSettings, "followNews" | "streams"> & { readonly pulse: Pulse },
): void {
  const isTold = filterFor(topics, wanted, confinedTo(request.caller));
  const ends: Unsubscribe[] = [];
  const stream = streams.open(request, reply, {
    // The id goes along, or a client whose filter lets nothing pass would one day ask for what is kept no longer.
    heartbeat: () => writeId(following.latest()),
    onEnd: () => ends.splice(0).forEach((end) => end()),
  });
  // What was missed comes before `followNews` returns.
  let isFollowing = false;
  const onNews = (batch: readonly NumberedNews[]): void => {
    const told = batch.filter(({ news }) => isTold(news));
    if (isFollowing) stream.send(told.map(writeNews).join(""));
    else stream.catchUp(inPieces(told));
  };
  // Coming again, its client is told what is still known, or of the reset.
  const following = followNews(lastEventId(request), onNews, stream.end);
  isFollowing = true;
  const id = following.latest();
  stream.send(following.isWhole ? writeId(id) : writeEvent({ id, event: "reset", data: "{}" }));
  ends.push(following.stop);
  if (topics.has("stats")) {
    ends.push(pulse.follow((data) => stream.send(writeEvent({ event: "stats", data }))));
  }
}

function writeNews({ id, news: { event, data } }: NumberedNews): string {
  return writeEvent({ id, event, data });
}

/** Of which one is no large part of what a stream may leave unread. */
function* inPieces(told: readonly NumberedNews[]): Iterable<string> {
  for (let at = 0; at < told.length; at += NEWS_IN_PIECE) {
    yield told
      .slice(at, at + NEWS_IN_PIECE)
      .map(writeNews)
      .join("");
  }
}

function filterFor(
  topics: ReadonlySet<Topic>,
  { route, status }: Wanted,
  client: string | null,
): (news: News) => boolean {
  return ({ topic, about }) => {
    if (!topics.has(topic)) return false;
    if (topic !== "task") return true;
    // How many were pruned, whose they were is not known.
    if (about === null) return client === null && route === undefined && status === undefined;
    return (
      (client === null || about.client === client) &&
      (route === undefined || about.lane === route) &&
      (status === undefined || about.status === status)
    );
  };
}

import type { EventsSettings } from "../api/events.ts";
import { collectNews, type News } from "../api/news.ts";
import { createStreams, type StreamsSettings } from "../api/sse.ts";
import type { TaskEventsSettings } from "../api/task-events.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { createJournal } from "../notify/journal.ts";
import { createWatching } from "../notify/watching.ts";
import type { Store } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";

/** Tells clients what happens while it happens. */
export interface Telling {
  readonly api: Pick<TaskEventsSettings, "watch" | "streams"> & Pick<EventsSettings, "followNews">;
  /** Streams that are open. */
  readonly streamCount: () => number;
  /** Ends every stream, after what there is to tell. */
  stop(): Promise<void>;
}

export interface TellingSettings {
  readonly mostStreams: number;
  readonly events: Emitter<TaskEvents>;
  readonly store: Pick<Store, "find">;
  readonly callerOf: StreamsSettings["callerOf"];
  readonly holderOf: StreamsSettings["holderOf"];
  readonly clock: Clock;
  readonly onError: (thrown: unknown) => void;
}

export function createTelling(settings: TellingSettings): Telling {
  const { events, clock } = settings;
  const streams = createStreams(settings);
  const watching = createWatching({ ...settings, find: settings.store.find });
  const journal = createJournal<News>({ clock, onError: settings.onError });
  collectNews({ events, clock, isWanted: () => journal.isFollowed, add: journal.add });
  events.on("key.changed", streams.review);
  return {
    streamCount: () => streams.count,
    api: { streams, watch: watching.watch, followNews: journal.follow },
    async stop() {
      await journal.stop();
      streams.endAll();
      await watching.stop();
    },
  };
}

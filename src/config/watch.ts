import { type FSWatcher, readFileSync, realpathSync, watch } from "node:fs";
import { dirname } from "node:path";
import type { Cancel, Clock } from "../lib/clock.ts";
import { toError } from "../lib/error.ts";
import type { Loaded } from "./load.ts";
import { ConfigError, type Problem } from "./problem.ts";

export interface WatchSettings {
  /** The file, as an absolute path. */
  readonly path: string;
  /** Reads everything anew; throws a `ConfigError` when anything is wrong. */
  readonly load: () => Loaded;
  /** Puts a good configuration into force. The next one waits until this is done. */
  readonly apply: (loaded: Loaded) => Promise<void>;
  /** The file is wrong, and what was in force stays so. */
  readonly onRejected: (problems: readonly Problem[]) => void;
  /** It, or a folder that it is in, cannot be watched any more; `reload` still works. */
  readonly onUnwatched: (error: Error) => void;
  /** A good one could not be put into force. */
  readonly onError: (error: Error) => void;
  readonly clock: Pick<Clock, "after">;
}

export interface ConfigWatch {
  /** Reads the file again, whether it has changed or not. Resolves when what it says is in force or rejected. */
  reload(): Promise<void>;
  /** Nothing more is loaded; what is being applied goes on. */
  stop(): void;
}

/** Files are written in several steps: a new text counts when it is still the same after this time. */
const SETTLE_MS = 100;

/**
 * Follows a configuration file and loads it when its text differs. The folders of the file and of what it is a link to
 * are watched, for editors and Kubernetes put another file in its place, and nobody hears of that who watches the old one.
 */
export function watchConfig(settings: WatchSettings): ConfigWatch {
  const { path, load, apply, onRejected, onUnwatched, onError, clock } = settings;
  const watchers = new Map<string, FSWatcher>();
  let loaded = textOf(path);
  let seen = loaded;
  let settling: Cancel | null = null;
  let work: Promise<void> = Promise.resolve();
  let isStopped = false;

  function follow(): void {
    const folders = new Set(foldersOf(path));
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of folders) {
      if (!watchers.has(folder)) begin(folder);
    }
  }

  function begin(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, onEvent);
      watcher.on("error", (error) => {
        watchers.delete(folder);
        watcher.close();
        onUnwatched(error);
      });
      watchers.set(folder, watcher);
    } catch (thrown) {
      onUnwatched(toError(thrown));
    }
  }

  /** Not put off by further events: in a folder where something is always written the time would never come. */
  function onEvent(): void {
    settling ??= clock.after(SETTLE_MS, look);
  }

  function look(): void {
    settling = null;
    follow();
    const before = seen;
    seen = textOf(path);
    if (seen === loaded) return;
    if (seen !== before) return onEvent();
    loaded = seen;
    void enqueue();
  }

  /** One after the other, so that the last one read is the one that stays. */
  function enqueue(): Promise<void> {
    work = work.then(loadOnce);
    return work;
  }

  async function loadOnce(): Promise<void> {
    if (isStopped) return;
    try {
      await apply(load());
    } catch (thrown) {
      if (thrown instanceof ConfigError) onRejected(thrown.problems);
      else onError(toError(thrown));
    }
  }

  follow();
  return {
    reload() {
      loaded = textOf(path);
      return enqueue();
    },
    stop() {
      isStopped = true;
      settling?.();
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

/** Null when it cannot be read. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function foldersOf(path: string): readonly string[] {
  try {
    return [dirname(path), dirname(realpathSync(path))];
  } catch {
    return [dirname(path)];
  }
}

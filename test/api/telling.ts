// The control API on a real socket, with all that tells clients of tasks while they run.

import type { TestContext } from "node:test";
import type { ApiSettings } from "../../src/api/control-api.ts";
import { createClock } from "../../src/lib/clock.ts";
import { createEmitter, type Emitter } from "../../src/lib/emitter.ts";
import { createTelling } from "../../src/server/telling.ts";
import { ANYONE } from "../../src/task/caller.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import type { ClaimedTask } from "../../src/task/task.ts";
import { type ListenOptions, type Listener, listen as listenTo } from "../rig/sse.ts";
import { type Control, listen as serve, openControl } from "./control.ts";

export interface TellingControl extends Control {
  readonly url: URL;
  readonly emitter: Emitter<TaskEvents>;
  /** As a stop of the node does. */
  stop(): Promise<void>;
  listen(path: string, options?: ListenOptions): Promise<Listener>;
  /** Leases the task and tells of it. */
  begin(): Promise<ClaimedTask>;
}

export async function openTelling(
  t: TestContext,
  overrides: Partial<ApiSettings> = {},
): Promise<TellingControl> {
  const emitter = createEmitter<TaskEvents>((error) => {
    throw error;
  });
  let control: Control | null = null;
  const { clock } = overrides;
  const telling = createTelling({
    mostStreams: 100,
    events: emitter,
    store: { find: (id) => control!.store.find(id) },
    callerOf: overrides.callerOf ?? (() => ANYONE),
    holderOf: () => "a",
    clock: clock ?? createClock(),
    onError: (error) => {
      throw error;
    },
  });
  // Before the store is closed, in which it looks.
  t.after(() => telling.stop());
  control = await openControl(t, { ...telling.api, ...overrides });
  const port = await serve(t, control.app);
  const url = new URL(`http://127.0.0.1:${port}`);
  const { claim } = control;
  return {
    ...control,
    url,
    emitter,
    stop: telling.stop,
    async listen(path, options) {
      const listener = await listenTo(url, path, options);
      t.after(listener.cut);
      return listener;
    },
    async begin() {
      const [claimed] = await claim();
      const { lane, client, attempt, lease, startedAt, createdAt } = claimed!;
      emitter.emit("attempt.started", {
        id: lease.taskId,
        lane,
        client,
        attempt,
        waitedMs: startedAt - createdAt,
      });
      return claimed!;
    },
  };
}

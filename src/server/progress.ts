import type { Server } from "node:http";
import type { ProgressRouteSettings } from "../api/progress.ts";
import type { Config } from "../config/config.ts";
import type { RunningAttempt } from "../dispatch/attempts.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { createProgressReports } from "../notify/progress.ts";
import type { OpenStore } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import { createProgressTokens } from "../task/progress-token.ts";
import type { RawHeaders } from "../task/task.ts";
import type { DeriveKey } from "./key-file.ts";

/** What targets say of their work: they are told where to, and what they say comes back. */
export interface ProgressLine {
  /** For each attempt that is sent. */
  readonly fields: (taskId: string, attempt: number) => RawHeaders;
  readonly api: ProgressRouteSettings;
  stop(): void;
}

export interface ProgressLineSettings {
  readonly config: Pick<Config, "publicUrl" | "controlPrefix">;
  readonly deriveKey: DeriveKey;
  readonly store: Pick<OpenStore, "find" | "progress">;
  readonly running: () => Iterable<Pick<RunningAttempt, "task">>;
  readonly events: Emitter<TaskEvents>;
  readonly clock: Clock;
  readonly onError: (thrown: unknown) => void;
  /** Where this node listens; asked when the first request is sent. */
  readonly addressOf: () => ReturnType<Server["address"]>;
}

export function createProgressLine(settings: ProgressLineSettings): ProgressLine {
  const { store, config, events, clock, onError } = settings;
  const tokens = createProgressTokens(settings.deriveKey("progress token"));
  let base: string | undefined;

  async function homeOf(id: string): Promise<{ readonly lane: string; readonly client: string } | null> {
    for (const { task } of settings.running()) {
      if (task.lease.taskId === id) return { lane: task.lane, client: task.client };
    }
    // Another node runs it.
    const found = await store.find(id);
    return found && { lane: found.task.lane, client: found.task.client };
  }

  const reports = createProgressReports({
    write: store.progress.write,
    homeOf,
    emit: events.emit,
    clock,
    onError,
  });
  return {
    fields(taskId, attempt) {
      base ??= baseUrl(config, settings.addressOf());
      return [
        "Headgate-Progress-Url",
        `${base}/task/${taskId}/progress`,
        "Headgate-Progress-Token",
        tokens.issue(taskId, attempt),
      ];
    },
    api: { attemptOf: tokens.attemptOf, report: reports.report },
    stop: reports.stop,
  };
}

/** Who listens on every address is met on this machine by the loopback one; from elsewhere nobody but the user knows how. */
const LOOPBACK_OF: Readonly<Record<string, string>> = Object.freeze({
  "0.0.0.0": "127.0.0.1",
  "::": "[::1]",
});

function baseUrl(
  { publicUrl, controlPrefix }: ProgressLineSettings["config"],
  listening: ReturnType<Server["address"]>,
): string {
  if (publicUrl !== null) return publicUrl.href.replace(/\/+$/, "") + controlPrefix;
  if (listening === null || typeof listening === "string") return controlPrefix;
  const { address, family, port } = listening;
  const host = LOOPBACK_OF[address] ?? (family === "IPv6" ? `[${address}]` : address);
  return `http://${host}:${port}${controlPrefix}`;
}

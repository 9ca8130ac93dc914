import { isatty } from "node:tty";
import { type Level, type Logger, type LoggerOptions, pino, stdTimeFunctions } from "pino";
import { prettyFactory } from "pino-pretty";
import type { Config } from "../config/config.ts";
import { type Cancel, type Clock, createClock, toIsoTimeOrNull } from "../lib/clock.ts";
import type { Emitter, Unsubscribe } from "../lib/emitter.ts";
import { toError } from "../lib/error.ts";
import { createLoop, type Loop } from "../lib/loop.ts";
import { withoutQuery, withoutSecrets } from "../lib/url.ts";
import type { TaskEvents } from "../task/event.ts";
import { formatRate } from "../task/lane.ts";
import { State } from "../task/task.ts";
import { createLogOutput, type LogOutput, openStandardOutput } from "./log-output.ts";

/** The log of the process, on standard output unless `fd` says otherwise; written in the background, flushed on exit. */
export function createLog(
  { logLevel, logFormat }: Pick<Config, "logLevel" | "logFormat">,
  fd?: number,
): Logger {
  const options: LoggerOptions = {
    level: logLevel,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    redact: { paths: SECRET_FIELDS, censor: "[redacted]" },
  };
  if (logLevel === "silent") return pino(options, { write: () => undefined });
  const descriptor = fd ?? openStandardOutput();
  const output = createLogOutput(descriptor, (lines) => log.warn({ lines }, "log lines were lost"));
  const log = pino(options, logFormat === "pretty" ? prettified(output, isatty(descriptor)) : output);
  if (fd === undefined) process.once("exit", () => output.flushSync());
  return log;
}

/** Resolves when what was logged is written, or soon anyway when it cannot be. */
export function flushLog(log: Logger): Promise<void> {
  return new Promise((resolve) => log.flush(() => resolve()));
}

/**
 * The one subscriber that words what happens to tasks. A line names its fields one by one: never a header, a body, or
 * the query of a path, as all of them may carry secrets. Events whose lines would not be logged are not subscribed to.
 */
export function logEvents(
  log: Logger,
  events: Emitter<TaskEvents>,
  clock: Clock = createClock(),
): Unsubscribe {
  const undo: (() => void)[] = [];
  type Word<Name extends keyof TaskEvents> = (event: TaskEvents[Name]) => void;
  /** `level` is the most important one that the event is ever logged at. */
  function on<Name extends keyof TaskEvents>(name: Name, level: Level, word: Word<Name>): void {
    if (log.isLevelEnabled(level)) undo.push(events.on(name, word));
  }

  on("task.accepted", "info", ({ id, path, notBefore, ...event }) =>
    log.info(
      { task: id, path: pathInLine(path), ...event, notBefore: toIsoTimeOrNull(notBefore) },
      "task accepted",
    ),
  );
  on("request.repeated", "debug", ({ id, ...event }) =>
    log.debug({ task: id, ...event }, "a request that had come before"),
  );
  on("attempt.started", "debug", ({ id, ...event }) => log.debug({ task: id, ...event }, "attempt started"));
  on("attempt.ended", "debug", ({ id, ...event }) => log.debug({ task: id, ...event }, "attempt ended"));
  on("task.requeued", "info", ({ id, notBefore, ...event }) =>
    log.info({ task: id, ...event, notBefore: toIsoTimeOrNull(notBefore) }, "task back in line"),
  );
  on("task.ended", "warn", ({ id, ...event }) => {
    if (event.state === State.failed) log.warn({ task: id, ...event }, "task failed");
    else
      log.info({ task: id, ...event }, event.state === State.completed ? "task completed" : "task cancelled");
  });
  on("settlement.rejected", "info", ({ id, ...event }) =>
    log.info(
      { task: id, ...event },
      "late outcome not written: the task was cancelled or taken over meanwhile",
    ),
  );
  on("lease.taken_over", "warn", ({ id, ...event }) =>
    log.warn({ task: id, ...event }, "task taken over from a node that stopped"),
  );
  on("task.removed", "info", ({ id }) => log.info({ task: id }, "task removed"));
  on("tasks.pruned", "info", (event) => log.info(event, "old tasks removed"));
  on("target.circuit", "warn", ({ until, ...event }) => {
    const line = { ...event, until: toIsoTimeOrNull(until) };
    if (event.to === "open") log.warn(line, "target fails again and again: it gets no requests for a while");
    else log.info(line, event.to === "closed" ? "target works again" : "target is tried again");
  });
  on("target.health", "warn", (event) => {
    if (event.healthy) log.info(event, "target passes its health checks");
    else log.warn(event, "target fails its health checks: it gets no requests");
  });
  on("retry.held_back", "debug", ({ id, ...event }) =>
    log.debug({ task: id, ...event }, "retry put off: too many of the requests to its targets are retries"),
  );
  on("lane.changed", "info", ({ lane, settings: { rate, ...settings } }) =>
    log.info({ lane, ...settings, rate: rate && formatRate(rate) }, "lane changed"),
  );
  on("task.progress", "debug", ({ id, lane, progress }) =>
    log.debug({ task: id, lane, percent: progress.percent }, "progress"),
  );
  on("webhook.tried", "warn", ({ taskId, ...event }) => {
    const line = { task: taskId, ...event };
    if (event.state === "failed") log.warn(line, "webhook given up");
    else log.info(line, event.state === "delivered" ? "webhook delivered" : "webhook is tried again later");
  });
  on("webhook.disabled", "warn", ({ url, failed }) =>
    log.warn(
      { url: withoutSecrets(url), failed },
      "webhook receiver is gone: nothing is sent there any more",
    ),
  );
  on("alert.raised", "warn", (event) => log.warn(event, "alert"));
  on("alert.resolved", "info", (event) => log.info(event, "alert resolved"));
  on("access.denied", "debug", ({ path, ...event }) =>
    log.debug({ path: pathInLine(path), ...event }, "call turned away"),
  );
  on("key.changed", "warn", ({ change, ...event }) => log.warn(event, `key ${change}`));
  on("storage.full", "error", (event) => log.error(event, "no room on the disk: new tasks are refused"));
  on("storage.recovered", "warn", (event) =>
    log.warn(event, "room on the disk again: new tasks are accepted"),
  );

  const refusals = createRefusalSummary(log, clock);
  on("task.refused", "warn", refusals.add);
  undo.push(refusals.flush);
  return () => undo.splice(0).forEach((each) => each());
}

type Refusal = TaskEvents["task.refused"];

interface RefusalSummary {
  readonly add: (refusal: Refusal) => void;
  readonly flush: () => void;
}

const SUMMARY_MS = 1_000;

/** One line a second at most, so that a storm of refusals does not become a storm of lines. */
function createRefusalSummary(log: Logger, clock: Clock): RefusalSummary {
  let counts: Record<string, number> = {};
  let first: Refusal | null = null;
  let cancel: Cancel | null = null;

  function flush(): void {
    cancel?.();
    cancel = null;
    if (first === null) return;
    const { method, path, lane } = first;
    log.warn({ counts, first: { method, path: pathInLine(path), lane } }, "requests refused");
    first = null;
    counts = {};
  }

  return {
    add(refusal) {
      first ??= refusal;
      counts[refusal.code] = (counts[refusal.code] ?? 0) + 1;
      cancel ??= clock.after(SUMMARY_MS, flush);
    },
    flush,
  };
}

const LONGEST_PATH = 256;

/** The path of a request target, short, and with anything escaped that could drive a terminal. */
function pathInLine(path: string): string {
  return withoutQuery(path)
    .slice(0, LONGEST_PATH)
    .replace(/[^\x20-\x7e]/g, (character) => encodeURIComponent(character.toWellFormed()));
}

/** Logs a snapshot of the statistics every `intervalMs`; not at all for 0 or when such lines are not logged. */
export function createStatisticsLog(
  log: Logger,
  snapshot: () => object | Promise<object>,
  intervalMs: number,
  clock: Clock,
): Loop {
  let isFirst = true;
  const isWanted = intervalMs > 0 && log.isLevelEnabled("info");
  return createLoop(
    async () => {
      if (!isWanted) return Infinity;
      if (!isFirst) log.info(await snapshot(), "statistics");
      isFirst = false;
      return intervalMs;
    },
    clock,
    (thrown) => log.warn(toError(thrown), "no statistics"),
    intervalMs,
  );
}

/** A second fence, should a whole request ever reach the log; lines name their fields one by one and carry none of these. */
const SECRET_FIELDS = ["authorization", "cookie", "headers", "body", "req.headers", "res.headers"];

/** Only what every error has: errors of HTTP clients carry headers and bodies as well. */
function describeError(thrown: unknown): object {
  const error = toError(thrown);
  const { name: type, message, stack, cause } = error;
  const code: unknown = "code" in error ? error.code : undefined;
  return { type, code, message, stack, ...(cause === undefined ? {} : { cause: describeError(cause) }) };
}

function prettified(output: LogOutput, colorize: boolean): LogOutput {
  const pretty = prettyFactory({ colorize, singleLine: true, translateTime: "SYS:HH:MM:ss.l" });
  return { ...output, write: (line) => output.write(pretty(line)) };
}

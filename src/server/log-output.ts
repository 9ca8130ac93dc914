import { constants, fstatSync, openSync, write, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { toError } from "../lib/error.ts";

/**
 * Where log lines go: a file descriptor, written in the background a batch at a time. Logging never blocks and never
 * fails the program: lines for which a full disk or a reader that stands still leaves no room are counted and dropped.
 *
 * pino's own destination is not used because it has no way out when there is no room: on ENOSPC its `flushSync` repeats
 * the write for ever, so that the process cannot exit, and by default its buffer has no bound.
 */
export interface LogOutput {
  write(lines: string): void;
  /** Calls back when everything written so far is out or lost, at the latest after `FLUSH_MS`. */
  flush(done: () => void): void;
  /** For the last moments of the process; gives up after `FLUSH_MS`. */
  flushSync(): void;
}

const BATCH_DELAY_MS = 20;
const BATCH_CHARS = 64 * 1024;
const MOST_WAITING_CHARS = 16 * 1024 * 1024;
const BUSY_MS = 20;
const FLUSH_MS = 500;

/** `onLost` is told how many lines were lost, once lines go out again. */
export function createLogOutput(fd: number, onLost: (lines: number) => void): LogOutput {
  let waiting = "";
  let batch: Buffer = EMPTY;
  let inFlight = false;
  let scheduled: NodeJS.Timeout | null = null;
  let lost = 0;
  let toldWhenOut: (() => void)[] = [];

  const isIdle = (): boolean => batch.length === 0 && waiting === "";

  function send(): void {
    if (scheduled !== null) clearTimeout(scheduled);
    scheduled = null;
    if (batch.length === 0) [batch, waiting] = [Buffer.from(waiting), ""];
    if (batch.length === 0) return;
    inFlight = true;
    write(fd, batch, 0, batch.length, null, sent);
  }

  function sent(error: NodeJS.ErrnoException | null, count: number): void {
    inFlight = false;
    if (error !== null && isBusy(error)) {
      schedule(BUSY_MS);
      return;
    }
    if (error !== null) {
      lost += linesIn(batch);
      batch = EMPTY;
    } else {
      batch = batch.subarray(count);
      if (lost > 0) reportLost();
    }
    if (!isIdle()) {
      send();
      return;
    }
    const done = toldWhenOut;
    toldWhenOut = [];
    for (const tell of done) tell();
  }

  function reportLost(): void {
    const lines = lost;
    lost = 0;
    onLost(lines);
  }

  function schedule(delayMs: number): void {
    scheduled ??= setTimeout(send, delayMs).unref();
  }

  return {
    write(lines) {
      if (waiting.length + lines.length > MOST_WAITING_CHARS) {
        lost += 1;
        return;
      }
      waiting += lines;
      if (batch.length > 0) return;
      if (waiting.length < BATCH_CHARS) schedule(BATCH_DELAY_MS);
      else send();
    },
    flush(done) {
      if (isIdle()) {
        done();
        return;
      }
      const limit = setTimeout(finish, FLUSH_MS);
      toldWhenOut.push(finish);
      if (batch.length === 0) send();
      function finish(): void {
        clearTimeout(limit);
        done();
      }
    },
    flushSync() {
      // What is in flight is finished by the thread pool, which the process waits for when it exits.
      const rest = Buffer.from(waiting);
      writeAll(fd, inFlight ? rest : Buffer.concat([batch, rest]));
      waiting = "";
      if (!inFlight) batch = EMPTY;
    },
  };
}

/**
 * Standard output for log lines, such that writing never blocks: a reader that stands still would otherwise hold a
 * thread of the pool for ever, and the process with it when it wants to exit. A pipe or terminal is opened anew, because
 * the description that was inherited may be shared with other processes; a socket (systemd) cannot be.
 */
export function openStandardOutput(): number {
  const inherited = 1;
  try {
    const kind = fstatSync(inherited);
    // Node makes it non-blocking when it is first asked for the stream.
    if (kind.isSocket()) return process.stdout.fd;
    if (!kind.isFIFO() && !isatty(inherited)) return inherited;
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    return openSync(`/proc/self/fd/${inherited}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return inherited;
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
const LINE_FEED = 0x0a;

function linesIn(bytes: Buffer): number {
  return bytes.reduce((count, byte) => (byte === LINE_FEED ? count + 1 : count), 0);
}

function isBusy(error: NodeJS.ErrnoException): boolean {
  return error.code === "EAGAIN" || error.code === "EINTR";
}

function writeAll(fd: number, bytes: Buffer): void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  let written = 0;
  for (let waitedMs = 0; written < bytes.length && waitedMs < FLUSH_MS;) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (thrown) {
      if (!isBusy(toError(thrown))) return;
      Atomics.wait(sleeper, 0, 0, BUSY_MS);
      waitedMs += BUSY_MS;
    }
  }
}

/** How the process ends; part of the public contract, documented in docs/cli.md and docs/configuration.md. */
export const ExitCode = {
  /** Stopped as asked, nothing wrong; of a task: completed, whatever the answer's status: `fail_on` has let it pass. */
  ok: 0,
  /** Could not start, or a fault of the program; of a task: failed, also by an answer that its route's `fail_on` names. */
  failure: 1,
  /** Wrong command line or configuration. */
  usage: 2,
  /** No Headgate answers there. */
  unreachable: 3,
  /** It refused: no such task, no key, not now. */
  refused: 4,
  /** The task was cancelled. */
  cancelled: 5,
  /** The task has not ended (in the time given). */
  unfinished: 6,
  /** No room now: queue full, quota used up, disk full, stopping. Trying again later makes sense. */
  full: 7,
  /** The disk failed; EX_IOERR of sysexits(3). */
  disk: 74,
  /** Ended by SIGINT or SIGTERM: 128 and the signal's number, as shells have it. */
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

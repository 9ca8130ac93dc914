/** How the process ends; part of the public contract, documented in docs/configuration.md. */
export const ExitCode = {
  /** Stopped as asked, or nothing wrong. */
  ok: 0,
  /** Could not start, or a fault of the program. */
  failure: 1,
  /** Wrong command line or configuration. */
  usage: 2,
  /** The disk failed; EX_IOERR of sysexits(3). */
  disk: 74,
  /** Ended at once by a second SIGINT or SIGTERM: 128 and the signal's number, as shells have it. */
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

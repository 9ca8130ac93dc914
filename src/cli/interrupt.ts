import { ExitCode } from "./exit-code.ts";

export interface Interrupt {
  /** Aborted by the first Ctrl-C; a second one ends the process at once. */
  readonly signal: AbortSignal;
  [Symbol.dispose](): void;
}

/** From now on a Ctrl-C is the command's to answer. */
export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const listener = (): void => {
    if (controller.signal.aborted) process.exit(ExitCode.interrupted);
    controller.abort();
  };
  process.on("SIGINT", listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => void process.off("SIGINT", listener),
  };
}

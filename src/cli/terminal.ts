import { once } from "node:events";
import { styleText } from "node:util";

/** The only place that writes to the terminal by `console`; logs go their own way. */

/** What the user asked for, on standard output. */
export function print(text: string): void {
  console.log(text);
}

/** What the user should know besides, on standard error. */
export function notify(text: string): void {
  console.error(text);
}

/** As it is, without the end of a line; resolves when it may be followed by more. */
export async function write(bytes: Uint8Array | string): Promise<void> {
  process.stdout.write(bytes);
  await caughtUp();
}

/** Resolves when whoever reads standard output has taken most of what was printed: what waits for them is in memory. */
export async function caughtUp(): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
}

/** Resolves when all that was said is out: a pipe whose reader is slow has not taken it yet, and it would end with us. */
export async function flush(): Promise<void> {
  await Promise.all(
    [process.stdout, process.stderr].map(
      // A reader that has gone takes nothing any more, and that is no fault.
      (stream) => new Promise<void>((resolve) => void stream.write("", () => resolve())),
    ),
  );
}

/** On standard error, without the end of a line. */
export function hint(text: string): void {
  process.stderr.write(text);
}

export type Style = Parameters<typeof styleText>[0];

/** Coloured where standard output is a terminal and nobody said NO_COLOR. */
export function colour(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Columns of the terminal that standard output is; null when it is none, or does not say. */
export function terminalColumns(): number | null {
  return process.stdout.columns > 0 ? process.stdout.columns : null;
}

export function isTerminal(): boolean {
  return process.stdout.isTTY;
}

/** Whether whoever reads standard error sees it as it comes, and a line can be written over. */
export function isWatched(): boolean {
  return process.stderr.isTTY;
}

/** Whether somebody can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** `headgate list | head`: whoever reads has enough, and that is no fault. */
export function endWhenUnread(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
}

import type { ScreenSize } from "./top-screen.ts";

/** A terminal that is drawn over as a whole. */
export interface Screen {
  size(): ScreenSize;
  draw(lines: readonly string[]): void;
  /** Aborted when whoever looks has enough: q or Ctrl-C. */
  readonly left: AbortSignal;
  /** Gives the terminal back as it was. */
  [Symbol.dispose](): void;
}

const CTRL_C = "\u0003";
/** What was on the screen stays behind another one; the cursor is hidden. */
const OPEN = "\u001B[?1049h\u001B[?25l";
const CLOSE = "\u001B[?25h\u001B[?1049l";
const HOME = "\u001B[H";
const END_OF_LINE = "\u001B[K";
const REST_OF_SCREEN = "\u001B[J";

export function openScreen(): Screen {
  const { stdin, stdout } = process;
  const left = new AbortController();
  let drawn: readonly string[] = [];

  function draw(lines: readonly string[]): void {
    drawn = lines;
    // In one piece, or it flickers.
    stdout.write(HOME + lines.map((line) => line + END_OF_LINE).join("\r\n") + REST_OF_SCREEN);
  }

  const onKey = (keys: string): void => {
    if (keys.includes("q") || keys.includes(CTRL_C)) left.abort();
  };
  const onResize = (): void => draw(drawn);
  const onSignal = (): void => left.abort();
  const onExit = (): void => void stdout.write(CLOSE);

  stdout.write(OPEN);
  stdout.on("resize", onResize);
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.setEncoding("utf8").on("data", onKey);
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal).on("exit", onExit);

  return {
    size: () => ({ columns: stdout.columns, rows: stdout.rows }),
    draw,
    left: left.signal,
    [Symbol.dispose]() {
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.off("data", onKey).pause();
      stdout.off("resize", onResize);
      process.off("SIGTERM", onSignal).off("SIGINT", onSignal).off("exit", onExit);
      stdout.write(CLOSE);
    },
  };
}

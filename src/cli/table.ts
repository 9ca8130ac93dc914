import { harmless } from "./harmless.ts";
import { displayWidth, fit, pad } from "./width.ts";

export interface TableOptions {
  /** Where the terminal ends; null for as wide as it gets. */
  readonly columns?: number | null;
  /** The column that is cut when the rows are too wide. */
  readonly shrink?: number;
  /** Colours a cell, which is filled up already; row 0 is the first. */
  readonly paint?: (text: string, row: number, column: number) => string;
}

const GAP = "  ";
/** Below this a cut column says nothing. */
const LEAST_WIDTH = 8;

/** Rows as text, each column as wide as its widest cell. What would command the terminal is escaped. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { columns = null, shrink, paint = (text: string) => text } = options;
  const cells = rows.map((row) => row.map(harmless));
  const widths: number[] = [];
  for (const row of cells) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, displayWidth(cell));
  }
  if (columns !== null && shrink !== undefined) {
    const excess = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - columns;
    if (excess > 0) widths[shrink] = Math.max(LEAST_WIDTH, (widths[shrink] ?? 0) - excess);
  }
  return cells
    .map((row, at) =>
      row
        .map((cell, i) => {
          const width = widths[i] ?? 0;
          const text = fit(cell, width);
          // Nothing behind the last: lines end with what they say.
          return paint(i === row.length - 1 ? text : pad(text, width), at, i);
        })
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}

import { harmless } from "./harmless.ts";
import { displayWidth, fit, pad } from "./width.ts";

export interface TableOptions {
  /** Where the terminal ends; null for as wide as it gets. */
  readonly columns?: number | null;
  /** The column that is cut when the rows are too wide. */
  readonly shrink?: number;
  /** Columns that are left out, the first of them first, where too little of that one would be left. */
  readonly spare?: readonly number[];
  /** Colours a cell, which is filled up already; row 0 is the first. */
  readonly paint?: (text: string, row: number, column: number) => string;
}

const GAP = "  ";
/** Below this a cut column says nothing. */
const LEAST_WIDTH = 8;
/** Below this it says too little, while there are columns that may be left out for it. */
const FAIR_WIDTH = 16;

/** Rows as text, each column as wide as its widest cell. What would command the terminal is escaped. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { columns = null, shrink, paint = (text: string) => text } = options;
  const cells = rows.map((row) => row.map(harmless));
  const widths: number[] = [];
  for (const row of cells) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, displayWidth(cell));
  }
  const shown = new Set(widths.keys());
  if (columns !== null && shrink !== undefined) {
    const widest = widths[shrink] ?? 0;
    const excess = (): number =>
      [...shown].reduce((sum, i) => sum + (widths[i] ?? 0) + GAP.length, -GAP.length) - columns;
    for (const column of options.spare ?? []) {
      if (excess() > 0 && widest - excess() < Math.min(widest, FAIR_WIDTH)) shown.delete(column);
    }
    widths[shrink] = Math.max(Math.min(widest, LEAST_WIDTH), widest - Math.max(0, excess()));
  }
  return cells
    .map((row, at) => {
      const kept = [...row.entries()].filter(([i]) => shown.has(i));
      return kept
        .map(([i, cell]) => {
          const width = widths[i] ?? 0;
          const text = fit(cell, width);
          // Nothing behind the last: lines end with what they say.
          return paint(i === kept.at(-1)?.[0] ? text : pad(text, width), at, i);
        })
        .join(GAP)
        .trimEnd();
    })
    .join("\n");
}

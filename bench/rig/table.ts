export interface Table {
  readonly title: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** First column to the left, figures to the right. */
export function formatTable({ title, headings, rows }: Table): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("──");
  return [title, rule, line(headings), rule, ...rows.map(line), ""].join("\n");
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

export function fixed(value: number, digits = 2): string {
  return value.toFixed(digits);
}

export function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}

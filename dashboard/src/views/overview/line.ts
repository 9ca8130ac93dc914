/** Values over time, as a chart draws them. */
export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** A colour of the theme, such as `gate-filled`. */
  readonly color: string;
  readonly look: "area" | "line" | "dashed";
}

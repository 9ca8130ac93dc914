import type uPlot from "uplot";
import type { Line } from "./line.ts";

interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly lines: readonly Line[];
  readonly most: number | null;
  readonly isWhole: boolean;
  readonly format: (value: number) => string;
  readonly time: (ms: number) => string;
  readonly onPoint: (index: number | null) => void;
}

/** Steps of an axis on which a half has no meaning. */
const WHOLE: number[] = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat();

const SHORTEST_SPAN_SECONDS = 120;

/** What uPlot draws, in the colours of the theme as they are now. */
export function chartOptions(drawing: Drawing): uPlot.Options {
  const { width, height, lines, most, isWhole, format, time, onPoint } = drawing;
  const axis = {
    stroke: theme("--mantine-color-dimmed"),
    font: "11px system-ui, sans-serif",
    grid: { stroke: theme("--mantine-color-default-border"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    // The last label of the time stands out by half its width.
    padding: [8, 26, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      // The last moments are at the right from the start, however few there are.
      x: { range: ({ data: [times] }) => spanOf(times) },
      y: { range: (_plot, _from, to) => [0, most ?? ceilingOf(to)] },
    },
    axes: [
      {
        ...axis,
        size: 22,
        space: 90,
        grid: { show: false },
        values: (_plot, seconds) => seconds.map((each) => time(each * 1_000)),
      },
      {
        ...axis,
        size: 52,
        space: 34,
        gap: 4,
        ...(isWhole ? { incrs: WHOLE } : {}),
        values: (_plot, values) => values.map(format),
      },
    ],
    series: [{}, ...lines.map(toSeries)],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  };
}

function toSeries({ name, color, look }: Line): uPlot.Series {
  const stroke = theme(`--mantine-color-${color}`);
  return {
    label: name,
    stroke,
    width: 1.5,
    points: { show: false },
    ...(look === "area" ? { fill: `${stroke}22` } : {}),
    ...(look === "dashed" ? { dash: [4, 4] } : {}),
  };
}

/** Not by uPlot's own notion, for which a single moment lies in the middle of two days. */
function spanOf(times: ArrayLike<number>): [number, number] {
  const last = times[times.length - 1] ?? 0;
  return [Math.min(times[0] ?? 0, last - SHORTEST_SPAN_SECONDS), last];
}

/** Room above the highest value; an empty chart has an axis, too. */
function ceilingOf(most: number | null): number {
  return most === null || most <= 0 ? 1 : most * 1.1;
}

function theme(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

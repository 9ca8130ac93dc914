import { Box, useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { type ReactNode, useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useFormat } from "../../i18n/use-format.ts";
import { chartOptions } from "./chart-options.ts";
import type { Line } from "./line.ts";

export interface ChartProps {
  readonly label: string;
  /** ms since the epoch */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  /** Of the values, on the axis. */
  readonly format: (value: number) => string;
  /** The top of the axis, where the values have one. */
  readonly most?: number;
  readonly isWhole?: boolean;
  /** The index of the moment under the pointer; null when it has left. */
  readonly onPoint: (index: number | null) => void;
}

const HEIGHT_PX = 132;

/** Lines over time, drawn on a canvas. Its figures stand beside it as text, for those who do not see it. */
export function Chart({
  label,
  times,
  lines,
  format,
  most,
  isWhole = false,
  onPoint,
}: ChartProps): ReactNode {
  const { ref: sizeRef, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const scheme = useComputedColorScheme("light");
  const { time } = useFormat();
  const looks = JSON.stringify(lines.map(({ name, color, look }) => [name, color, look]));
  const latest = useRef({ times, lines, format, onPoint, time });
  useEffect(() => {
    latest.current = { times, lines, format, onPoint, time };
  });

  useEffect(() => {
    if (place.current === null || width === 0) return undefined;
    const drawn = new uPlot(
      chartOptions({
        width,
        height: HEIGHT_PX,
        lines: latest.current.lines,
        most: most ?? null,
        isWhole,
        format: (value) => latest.current.format(value),
        time: (ms) => latest.current.time(ms),
        onPoint: (index) => latest.current.onPoint(index),
      }),
      toData(latest.current.times, latest.current.lines),
      place.current,
    );
    plot.current = drawn;
    return () => {
      plot.current = null;
      drawn.destroy();
    };
    // Colours are read from the theme as it is when the plot is made.
  }, [looks, most, isWhole, scheme, width]);

  useEffect(() => {
    plot.current?.setData(toData(times, lines));
  }, [times, lines]);

  return (
    <Box ref={sizeRef} h={HEIGHT_PX} role="img" aria-label={label}>
      <div ref={place} />
    </Box>
  );
}

function toData(times: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [times.map((ms) => ms / 1_000), ...lines.map(({ values }) => [...values])];
}

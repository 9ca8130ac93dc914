import { SimpleGrid } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import type { Stats } from "../../../../client/views.ts";
import type { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/language.tsx";
import { OVERVIEW } from "../../i18n/overview.ts";
import { TRAFFIC } from "../../i18n/traffic.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { type Percentiles, type Point, useHistory } from "../../live/history.ts";
import { Figure, type FigureProps } from "./figure.tsx";
import type { Line } from "./line.ts";

type Words = (typeof OVERVIEW)["en"];
type Drawn = Omit<FigureProps, "times">;

/** What all of Headgate does, in six figures. */
export function Figures({ stats }: { readonly stats: Stats }): ReactNode {
  const words = useTexts(OVERVIEW);
  const { p50, p95, p99 } = useTexts(TRAFFIC);
  const format = useFormat();
  const history = useHistory();
  const { times, figures } = useMemo(
    () => ({
      times: history.map(({ at }) => at),
      figures: [
        throughput(stats, history, words, format),
        queue(stats, history, words, format),
        inFlight(stats, history, words, format),
        success(stats, history, words, format),
        duration(words.wait, history, ({ wait }) => wait, [p50, p95, p99], words, format),
        duration(words.run, history, ({ run }) => run, [p50, p95, p99], words, format),
      ],
    }),
    [history, stats, words, format, p50, p95, p99],
  );
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
      {figures.map((figure) => (
        <Figure key={figure.title} times={times} {...figure} />
      ))}
    </SimpleGrid>
  );
}

function throughput(stats: Stats, history: readonly Point[], words: Words, format: Format): Drawn {
  return {
    title: words.throughput,
    value: format.perSecond(stats.throughput.ended_per_second),
    about: words.ended,
    format: format.perSecond,
    lines: [
      line(words.ended, "gate-filled", "area", history, ({ endedPerSecond }) => endedPerSecond),
      line(words.accepted, "orange-filled", "line", history, ({ acceptedPerSecond }) => acceptedPerSecond),
    ],
  };
}

function queue(stats: Stats, history: readonly Point[], words: Words, format: Format): Drawn {
  return {
    title: words.queue,
    value: format.count(stats.queue.size),
    about: words.ofCapacity(format.count(stats.queue.capacity)),
    format: format.shortCount,
    isWhole: true,
    lines: [line(words.waiting, "gate-filled", "area", history, ({ waiting }) => waiting)],
  };
}

function inFlight(stats: Stats, history: readonly Point[], words: Words, format: Format): Drawn {
  return {
    title: words.inFlight,
    value: format.count(stats.in_flight),
    about: words.ofLimit(format.count(stats.limit)),
    format: format.shortCount,
    isWhole: true,
    lines: [
      line(words.running, "gate-filled", "area", history, ({ inFlight }) => inFlight),
      line(words.limit, "dimmed", "dashed", history, ({ limit }) => limit),
    ],
  };
}

function success(stats: Stats, history: readonly Point[], words: Words, format: Format): Drawn {
  return {
    title: words.success,
    value: stats.success_rate === null ? "–" : format.percent(stats.success_rate),
    about: stats.success_rate === null ? words.nothingYet : words.ofEnded,
    format: format.percent,
    most: 1,
    lines: [line(words.successRate, "teal-filled", "area", history, ({ successRate }) => successRate)],
  };
}

function duration(
  title: string,
  history: readonly Point[],
  of: (point: Point) => Percentiles | null,
  [p50, p95, p99]: readonly [string, string, string],
  words: Words,
  format: Format,
): Drawn {
  const now = history.at(-1);
  const latest = now === undefined ? null : of(now);
  return {
    title,
    value: latest === null ? "–" : format.duration(latest.p50),
    about: latest === null ? words.nothingYet : words.median,
    format: format.duration,
    lines: [
      line(p99, "violet-filled", "line", history, (point) => of(point)?.p99 ?? null),
      line(p95, "orange-filled", "line", history, (point) => of(point)?.p95 ?? null),
      line(p50, "gate-filled", "area", history, (point) => of(point)?.p50 ?? null),
    ],
  };
}

function line(
  name: string,
  color: string,
  look: Line["look"],
  history: readonly Point[],
  of: (point: Point) => number | null,
): Line {
  return { name, color, look, values: history.map(of) };
}

import { ColorSwatch, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTexts } from "../../i18n/language.tsx";
import { OVERVIEW } from "../../i18n/overview.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { Chart } from "./chart.tsx";
import type { Line } from "./line.ts";

export interface FigureProps {
  readonly title: string;
  readonly value: string;
  readonly about: string;
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  readonly most?: number;
  /** Of things that are counted: between two of them is none. */
  readonly isWhole?: boolean;
}

/** A figure as it is now, and how it came to be so. Pointing at a moment of the past tells the values of then. */
export function Figure({ title, value, about, times, lines, format, most, isWhole }: FigureProps): ReactNode {
  const words = useTexts(OVERVIEW);
  const { time } = useFormat();
  const [pointed, setPointed] = useState<number | null>(null);
  const index = pointed ?? times.length - 1;
  const at = pointed === null ? undefined : times[pointed];
  return (
    <Paper withBorder p="md" pb="xs" component="section" aria-label={title}>
      <Stack gap="xs">
        <Group justify="space-between" align="flex-start" wrap="nowrap" gap="xs">
          <div>
            <Title order={2} size="sm" fw={500} c="dimmed">
              {title}
            </Title>
            <Group gap={8} align="baseline">
              <Text fz={26} fw={650} lh={1.3} span>
                {value}
              </Text>
              <Text size="xs" c="dimmed" span>
                {about}
              </Text>
            </Group>
          </div>
          {at !== undefined && (
            <Text size="xs" c="dimmed">
              {time(at)}
            </Text>
          )}
        </Group>
        <Chart
          label={words.chart(title)}
          times={times}
          lines={lines}
          format={format}
          onPoint={setPointed}
          {...(most === undefined ? {} : { most })}
          {...(isWhole === undefined ? {} : { isWhole })}
        />
        <Group gap="md" component="ul" p={0} m={0}>
          {lines.map(({ name, color, values }) => (
            <Group key={name} gap={6} component="li" wrap="nowrap">
              <ColorSwatch size={8} color={`var(--mantine-color-${color})`} withShadow={false} />
              <Text size="xs" c="dimmed" span>
                {name}{" "}
                <Text span c="var(--mantine-color-text)" inherit>
                  {toText(values[index], format)}
                </Text>
              </Text>
            </Group>
          ))}
        </Group>
      </Stack>
    </Paper>
  );
}

function toText(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}

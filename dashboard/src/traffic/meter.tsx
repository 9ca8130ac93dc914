import { Box, Progress, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/language.tsx";
import { TRAFFIC } from "../i18n/traffic.ts";
import { useFormat } from "../i18n/use-format.ts";

/** How much of what there is is taken; a mere number where there is no limit. */
export function Meter({
  label,
  used,
  limit,
}: {
  readonly label: string;
  readonly used: number;
  readonly limit: number | null;
}): ReactNode {
  const words = useTexts(TRAFFIC);
  const { count } = useFormat();
  if (limit === null) {
    return (
      <Text size="sm" fw={600}>
        {count(used)}
      </Text>
    );
  }
  const isFull = used >= limit && used > 0;
  return (
    <Box miw={72}>
      <Text size="sm" component="div" mb={4} lh={1.2}>
        <b>{count(used)}</b>{" "}
        <Text span size="xs" c="dimmed">
          / {count(limit)}
        </Text>
      </Text>
      <Progress.Root size={4}>
        <Progress.Section
          value={limit === 0 ? 0 : Math.min(100, (100 * used) / limit)}
          color={isFull ? "orange" : "gate"}
          // Its own words would be a mere share.
          withAria={false}
          role="progressbar"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={limit}
          aria-valuenow={Math.min(used, limit)}
          aria-valuetext={words.of(count(used), count(limit))}
        />
      </Progress.Root>
    </Box>
  );
}

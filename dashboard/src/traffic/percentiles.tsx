import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/language.tsx";
import { TRAFFIC } from "../i18n/traffic.ts";
import { useFormat } from "../i18n/use-format.ts";
import { type Percentiles, toMs } from "../live/history.ts";

/** `120 ms · 1.4 s`: half of all took no longer than the one, 95 in a hundred no longer than the other. */
export function PercentilesText({ seconds }: { readonly seconds: Percentiles | null }): ReactNode {
  const words = useTexts(TRAFFIC);
  const format = useFormat();
  const ms = toMs(seconds);
  if (ms === null) {
    return (
      <Text size="sm" c="dimmed">
        {words.none}
      </Text>
    );
  }
  return (
    <Text size="sm" component="div">
      {format.duration(ms.p50)}{" "}
      <Text span size="xs" c="dimmed">
        {words.p95} {format.duration(ms.p95)}
      </Text>
    </Text>
  );
}

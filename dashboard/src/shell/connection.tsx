import { Alert, Badge } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTexts } from "../i18n/language.tsx";
import { SHELL } from "../i18n/shell.ts";
import { useFormat } from "../i18n/use-format.ts";
import type { LinkState } from "../live/follow.ts";
import { useLinkState } from "../live/live.tsx";

const COLORS: Readonly<Record<LinkState, string>> = {
  connecting: "gray",
  live: "teal",
  reconnecting: "orange",
};

/** Whether what the page shows is of this moment. */
export function Connection(): ReactNode {
  const words = useTexts(SHELL);
  const state = useLinkState();
  return (
    <Badge
      variant="dot"
      color={COLORS[state]}
      role="status"
      {...(state === "live" ? { visibleFrom: "xs" } : {})}
    >
      {words[state]}
    </Badge>
  );
}

/** A stream that is cut and goes on at once is nothing to talk of. */
const TOLD_AFTER_MS = 2_000;

/** Says above the view that it shows the past. */
export function Lost(): ReactNode {
  const words = useTexts(SHELL);
  const { time } = useFormat();
  const isLost = useLinkState() === "reconnecting";
  const [since, setSince] = useState<number | null>(null);
  useEffect(() => {
    if (!isLost) return undefined;
    const at = Date.now();
    const timer = setTimeout(() => setSince(at), TOLD_AFTER_MS);
    return () => {
      clearTimeout(timer);
      setSince(null);
    };
  }, [isLost]);
  return (
    since !== null && (
      <Alert color="orange" variant="outline" mb="md" p="sm" icon={<IconPlugConnectedX />} role="alert">
        {words.lost(time(since))}
      </Alert>
    )
  );
}

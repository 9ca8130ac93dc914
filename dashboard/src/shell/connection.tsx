import { Badge } from "@mantine/core";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/language.tsx";
import { SHELL } from "../i18n/shell.ts";
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
    <Badge variant="dot" color={COLORS[state]} role="status" visibleFrom="xs">
      {words[state]}
    </Badge>
  );
}

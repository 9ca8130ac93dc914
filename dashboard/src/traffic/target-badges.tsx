import { Badge, Group } from "@mantine/core";
import type { ReactNode } from "react";
import type { Target } from "../../../client/views.ts";
import { useTexts } from "../i18n/language.tsx";
import { TRAFFIC } from "../i18n/traffic.ts";

const COLORS: Readonly<Record<Target["circuit"]["state"], string>> = {
  closed: "teal",
  open: "red",
  half_open: "yellow",
};

/** What health checks say of a target, and what its own failures do. */
export function TargetBadges({ target }: { readonly target: Target }): ReactNode {
  const words = useTexts(TRAFFIC);
  const { healthy, circuit } = target;
  return (
    <Group gap={6}>
      {healthy !== null && (
        <Badge variant="dot" color={healthy ? "teal" : "red"}>
          {healthy ? words.healthy : words.unhealthy}
        </Badge>
      )}
      <Badge variant="dot" color={COLORS[circuit.state]}>
        {words.circuits[circuit.state]}
      </Badge>
    </Group>
  );
}

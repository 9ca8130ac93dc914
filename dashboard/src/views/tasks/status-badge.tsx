import { Badge } from "@mantine/core";
import type { ReactNode } from "react";
import type { TaskStatus } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TASKS } from "../../i18n/tasks.ts";

const COLORS: Readonly<Record<TaskStatus, string>> = {
  pending: "gray",
  processing: "gate",
  completed: "teal",
  failed: "red",
  cancelled: "orange",
};

/** The library's own is too light for text of this size on a light badge (WCAG 1.4.3). */
const TEXT = {
  color: "light-dark(color-mix(in srgb, var(--badge-color) 75%, black), var(--badge-color))",
} as const;

/** Where a task stands, by a word and a colour. */
export function StatusBadge({ status }: { readonly status: TaskStatus }): ReactNode {
  const words = useTexts(TASKS);
  return (
    <Badge variant="light" color={COLORS[status]} radius="sm" miw={92} style={TEXT}>
      {words.statuses[status]}
    </Badge>
  );
}

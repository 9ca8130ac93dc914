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

/** Where a task stands, by a word and a colour. */
export function StatusBadge({ status }: { readonly status: TaskStatus }): ReactNode {
  const words = useTexts(TASKS);
  return (
    <Badge variant="light" color={COLORS[status]} radius="sm" miw={92} autoContrast>
      {words.statuses[status]}
    </Badge>
  );
}

import type { ReactNode } from "react";
import type { TaskView } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { REASONS } from "../../i18n/reasons.ts";
import { TRAFFIC } from "../../i18n/traffic.ts";
import { useFormat } from "../../i18n/use-format.ts";
import classes from "./table.module.css";

/** In a few words what a task waits for, how far it is, or what came of it. */
export function Why({ task }: { readonly task: TaskView }): ReactNode {
  const { reasons } = useTexts(REASONS);
  const { holds } = useTexts(TRAFFIC);
  const format = useFormat();
  const { status, reason, waiting_for: hold, progress, response } = task;
  const answer = response === null ? null : `HTTP ${response.status}`;
  switch (status) {
    case "pending":
      return hold === null ? reasons[reason] : holds[hold.reason];
    case "processing": {
      const percent = progress?.percent ?? null;
      return [percent === null ? null : format.percent(percent / 100), progress?.message ?? null]
        .filter((each) => each !== null)
        .join(" · ");
    }
    case "completed":
      return answer;
    case "failed":
      return (
        <span className={classes["bad"]} title={task.error?.message}>
          {answer ?? reasons[reason]}
        </span>
      );
    case "cancelled":
      return null;
    default:
      return status satisfies never;
  }
}

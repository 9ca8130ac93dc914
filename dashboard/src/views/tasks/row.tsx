import { Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import type { TaskView } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TASKS } from "../../i18n/tasks.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { StatusBadge } from "./status-badge.tsx";
import classes from "./table.module.css";

interface RowProps {
  readonly task: TaskView;
  readonly top: number;
  readonly rowIndex: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  readonly select: (ids: readonly string[], isSelected: boolean) => void;
}

/** Drawn again only when its task has changed: a thousand events a second touch a few rows. */
export const Row: (props: RowProps) => ReactNode = memo(function Row(props: RowProps): ReactNode {
  const { task, top, rowIndex, isActive, isSelected, select } = props;
  const words = useTexts(TASKS);
  const format = useFormat();
  const seconds = task.duration_seconds;
  return (
    <div
      className={`${classes["row"]} ${classes["placed"]} ${isActive ? classes["active"] : ""}`}
      style={{ transform: `translateY(${top}px)` }}
      role="row"
      aria-rowindex={rowIndex}
      aria-selected={isSelected}
    >
      <span role="cell" className={classes["select"]}>
        <Checkbox
          size="xs"
          aria-label={words.selectOne(task.path)}
          checked={isSelected}
          onChange={(event) => select([task.task_id], event.currentTarget.checked)}
        />
      </span>
      <span role="cell" className={classes["status"]}>
        <StatusBadge status={task.status} />
      </span>
      <span role="cell" className={`${classes["cell"]} ${classes["request"]}`}>
        <Link
          to="/tasks/$id"
          params={{ id: task.task_id }}
          className={classes["link"] ?? ""}
          title={`${task.method} ${task.path}`}
        >
          {task.method} {task.path}
        </Link>
      </span>
      <span role="cell" className={`${classes["dimmed"]} ${classes["wide"]}`}>
        {task.route}
      </span>
      <span role="cell" className={`${classes["dimmed"]} ${classes["wide"]}`}>
        {task.client}
      </span>
      <span
        role="cell"
        className={`${classes["dimmed"]} ${classes["age"]}`}
        title={format.dateTime(task.created_at)}
      >
        {format.time(task.created_at)}
      </span>
      <span role="cell" className={`${classes["dimmed"]} ${classes["wide"]}`}>
        {seconds === null ? "–" : format.duration(seconds * 1_000)}
      </span>
    </div>
  );
});

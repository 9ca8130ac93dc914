import { Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import type { TaskView } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TASKS } from "../../i18n/tasks.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { StatusBadge } from "./status-badge.tsx";
import classes from "./table.module.css";
import { Why } from "./why.tsx";

interface RowProps {
  readonly task: TaskView;
  readonly top: number;
  readonly rowIndex: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  readonly select: ((ids: readonly string[], isSelected: boolean) => void) | null;
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
      {select !== null && (
        <span role="cell" className={classes["select"]}>
          <Checkbox
            size="xs"
            aria-label={words.selectOne(task.path)}
            checked={isSelected}
            onChange={(event) => select([task.task_id], event.currentTarget.checked)}
          />
        </span>
      )}
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
      <span role="cell" className={`${classes["dimmed"]} ${classes["why"]}`}>
        <Why task={task} />
      </span>
      <span role="cell" className={`${classes["dimmed"]} ${classes["widest"]}`} title={task.route}>
        {task.route}
      </span>
      <span role="cell" className={`${classes["dimmed"]} ${classes["widest"]}`} title={task.client}>
        {task.client}
      </span>
      <span
        role="cell"
        className={`${classes["dimmed"]} ${classes["age"]}`}
        title={format.dateTime(task.created_at)}
      >
        {format.when(task.created_at)}
      </span>
      <span role="cell" className={`${classes["dimmed"]} ${classes["took"]}`}>
        {seconds === null ? "–" : format.duration(seconds * 1_000)}
      </span>
    </div>
  );
});

import { Checkbox, Loader, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type RefObject, useEffect } from "react";
import type { TaskView } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TASKS } from "../../i18n/tasks.ts";
import { Row } from "./row.tsx";
import classes from "./table.module.css";

interface TableProps {
  readonly rows: readonly TaskView[];
  readonly active: number;
  readonly selected: ReadonlySet<string>;
  /** All that match are selected, shown or not. */
  readonly isEvery: boolean;
  /** Null where nothing may be done to them. */
  readonly select: ((ids: readonly string[], isSelected: boolean) => void) | null;
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly loadMore: () => void;
}

/** In px, and where the one becomes the other, as the style sheet has it. */
const NARROW = "(max-width: 62em)";
const ROW_HEIGHT = { wide: 44, narrow: 64 } as const;

/** Only the rows in view are drawn; the next page is asked for before its end is reached. */
export function TaskTable(props: TableProps): ReactNode {
  const { rows, active, selected, isEvery, select, scroller, hasMore, isLoading, loadMore } = props;
  const words = useTexts(TASKS);
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide),
    overscan: 12,
    getItemKey: (index) => rows[index]?.task_id ?? index,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (hasMore && !isLoading && last >= rows.length - 30) loadMore();
  }, [hasMore, isLoading, last, rows.length, loadMore]);
  useEffect(() => virtual.measure(), [isNarrow, virtual]);
  useEffect(() => {
    if (active >= 0) virtual.scrollToIndex(active, { align: "auto" });
  }, [active, virtual]);

  const isAllSelected = rows.length > 0 && (isEvery || rows.every(({ task_id }) => selected.has(task_id)));
  return (
    <div
      className={`${classes["table"]} ${select === null ? classes["unselectable"] : ""}`}
      role="table"
      aria-label={words.title}
      aria-rowcount={hasMore ? -1 : rows.length + 1}
    >
      <div role="rowgroup">
        <div className={classes["head"]} role="row">
          {select !== null && (
            <span role="columnheader" className={classes["select"]}>
              <Checkbox
                size="xs"
                aria-label={words.selectAll}
                checked={isAllSelected}
                indeterminate={!isAllSelected && selected.size > 0}
                onChange={(event) =>
                  select(
                    rows.map(({ task_id }) => task_id),
                    event.currentTarget.checked,
                  )
                }
              />
            </span>
          )}
          <span role="columnheader" className={classes["status"]}>
            {words.columns.status}
          </span>
          <span role="columnheader" className={classes["request"]}>
            {words.columns.request}
          </span>
          <span role="columnheader" className={classes["why"]}>
            {words.columns.why}
          </span>
          <span role="columnheader" className={classes["widest"]}>
            {words.columns.route}
          </span>
          <span role="columnheader" className={classes["widest"]}>
            {words.columns.client}
          </span>
          <span role="columnheader" className={classes["age"]}>
            {words.columns.age}
          </span>
          <span role="columnheader" className={classes["took"]}>
            {words.columns.took}
          </span>
        </div>
      </div>
      {/* Without a tab stop of its own a keyboard could not scroll it. */}
      <div
        className={classes["scroller"]}
        ref={scroller}
        tabIndex={0}
        role="rowgroup"
        aria-label={words.title}
      >
        <div className={classes["body"]} style={{ height: virtual.getTotalSize() }} role="presentation">
          {items.map(({ index, start, key }) => {
            const task = rows[index];
            if (task === undefined) return null;
            return (
              <Row
                key={key}
                task={task}
                top={start}
                rowIndex={index + 2}
                isActive={index === active}
                isSelected={isEvery || selected.has(task.task_id)}
                select={select}
              />
            );
          })}
        </div>
        {isLoading && <Loader size="sm" m="md" type="dots" />}
        {!hasMore && rows.length > 0 && (
          <Text size="xs" c="dimmed" ta="center" p="sm" role="presentation">
            {words.end}
          </Text>
        )}
      </div>
    </div>
  );
}

import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";

/** Asks before something is done; to leave it is the first choice. */
export function Question({
  title,
  keep,
  confirm,
  color,
  isImpossible = false,
  onConfirm,
  onClose,
  children,
}: {
  readonly title: string;
  /** What leaving it is called, and doing it. */
  readonly keep: string;
  readonly confirm: string;
  readonly color: "gate" | "red";
  /** There is nothing to do it to. */
  readonly isImpossible?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": keep }} centered>
      <Stack>
        {children}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {keep}
          </Button>
          <Button color={color} disabled={isImpossible} onClick={onConfirm}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

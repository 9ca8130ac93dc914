import { Button, Group, Menu, Modal, NumberInput, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBan, IconDots, IconEdit, IconRefresh, IconTerminal2, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { isFinal, type TaskView } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TASK } from "../../i18n/task.ts";
import { TASKS } from "../../i18n/tasks.ts";
import { BASE_URL } from "../../session/base-url.ts";
import { useSession } from "../../session/session.tsx";
import { toCurl } from "./curl.ts";
import { fileOfRequest } from "./panels.tsx";

/** A longer body is for a file. */
const LONGEST_TYPED_BYTES = 64 * 1_024;

type Question = "cancel" | "remove" | "priority";

/** What may be done to the task as it stands. */
export function Actions({ task }: { readonly task: TaskView }): ReactNode {
  const words = useTexts(TASK);
  const { failed } = useTexts(TASKS);
  const { client } = useSession();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Question | null>(null);
  const [priority, setPriority] = useState<number>(task.priority);
  const handle = client.task(task.task_id);
  const hasEnded = isFinal(task.status);

  async function act(deed: () => Promise<unknown>, told: string): Promise<void> {
    setAsked(null);
    try {
      await deed();
      notifications.show({ color: "teal", message: told });
    } catch (error) {
      notifications.show({
        color: "red",
        title: failed,
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }

  async function change(deed: () => Promise<unknown>): Promise<void> {
    await deed();
    await queries.invalidateQueries({ queryKey: ["task", task.task_id] });
  }

  async function retry(): Promise<void> {
    const renewed = await handle.retry();
    await navigate({ to: "/tasks/$id", params: { id: renewed.id } });
  }

  async function remove(): Promise<void> {
    await handle.delete();
    await navigate({ to: "/tasks" });
  }

  async function copyCurl(): Promise<void> {
    const request = await handle.request();
    const body =
      request.size_bytes > LONGEST_TYPED_BYTES
        ? fileOfRequest(task.task_id)
        : new Uint8Array(await (await handle.requestBody()).arrayBuffer());
    await navigator.clipboard.writeText(toCurl(BASE_URL, request, body));
  }

  return (
    <Group gap="xs">
      {hasEnded ? (
        <Button
          size="xs"
          leftSection={<IconRefresh size={14} aria-hidden />}
          onClick={() => void act(retry, words.didRetry)}
        >
          {words.retry}
        </Button>
      ) : (
        <Button
          size="xs"
          color="red"
          variant="light"
          leftSection={<IconBan size={14} aria-hidden />}
          onClick={() => setAsked("cancel")}
        >
          {words.cancel}
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="xs" variant="default" aria-label={words.actions}>
            <IconDots size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconEdit size={14} aria-hidden />}
            onClick={() => void navigate({ to: "/submit", search: { from: task.task_id } })}
          >
            {words.edit}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconTerminal2 size={14} aria-hidden />}
            onClick={() => void act(copyCurl, words.copied)}
          >
            {words.copyCurl}
          </Menu.Item>
          {task.status === "pending" && (
            <Menu.Item onClick={() => setAsked("priority")}>{words.prioritise}</Menu.Item>
          )}
          {hasEnded && (
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={14} aria-hidden />}
              onClick={() => setAsked("remove")}
            >
              {words.remove}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={
          asked === "priority"
            ? words.prioritise
            : asked === "remove"
              ? words.confirmRemove
              : words.confirmCancel
        }
        closeButtonProps={{ "aria-label": words.keep }}
        centered
      >
        <Stack>
          {asked === "priority" ? (
            <NumberInput
              label={words.priority}
              min={0}
              max={9}
              value={priority}
              onChange={(value) => setPriority(Number(value))}
              data-autofocus
            />
          ) : (
            <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
              {task.method} {task.path}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsked(null)}>
              {words.keep}
            </Button>
            {asked === "priority" && (
              <Button
                onClick={() => void act(() => change(() => handle.amend({ priority })), words.didPrioritise)}
              >
                {words.prioritise}
              </Button>
            )}
            {asked === "remove" && (
              <Button color="red" onClick={() => void act(remove, words.didRemove)}>
                {words.remove}
              </Button>
            )}
            {asked === "cancel" && (
              <Button
                color="red"
                onClick={() => void act(() => change(() => handle.cancel()), words.didCancel)}
              >
                {words.cancel}
              </Button>
            )}
          </Group>
        </Stack>
      </Modal>
    </Group>
  );
}

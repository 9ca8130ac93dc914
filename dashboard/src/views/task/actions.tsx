import { Button, Group, Menu, NumberInput, Text } from "@mantine/core";
import {
  IconArrowsSort,
  IconBan,
  IconDots,
  IconEdit,
  IconRefresh,
  IconTerminal2,
  IconTrash,
} from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { isFinal, type TaskView } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TASK } from "../../i18n/task.ts";
import { TASKS } from "../../i18n/tasks.ts";
import { BASE_URL } from "../../session/base-url.ts";
import { useMay } from "../../session/may.ts";
import { useSession } from "../../session/session.tsx";
import { useDeed } from "../../session/use-deed.ts";
import { copy } from "../../shell/copy.ts";
import { Question } from "../../shell/question.tsx";
import { toCurl } from "./curl.ts";
import { fileOfRequest } from "./panels.tsx";

/** A longer body is for a file. */
const LONGEST_TYPED_BYTES = 64 * 1_024;

type Asked = "cancel" | "remove" | "priority";

interface Deed {
  readonly act: () => Promise<unknown>;
  readonly said: string;
}

/** What may be done to the task as it stands. */
export function Actions({ task }: { readonly task: TaskView }): ReactNode {
  const words = useTexts(TASK);
  const { failed } = useTexts(TASKS);
  const { client } = useSession();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [priority, setPriority] = useState<number>(task.priority);
  const mayHandle = useMay()("handle");
  const handle = client.task(task.task_id);
  const hasEnded = isFinal(task.status);

  const deed = useDeed(({ act }: Deed) => act(), {
    said: ({ said }) => said,
    failed,
    changes: ["task"],
  });

  function start(act: Deed["act"], said: string): void {
    setAsked(null);
    deed.mutate({ act, said });
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
    await copy(toCurl(BASE_URL, request, body));
  }

  return (
    <Group gap="xs">
      {mayHandle &&
        (hasEnded ? (
          <Button
            size="xs"
            leftSection={<IconRefresh size={14} aria-hidden />}
            onClick={() => start(retry, words.didRetry)}
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
        ))}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="xs" variant="default" aria-label={words.actions}>
            <IconDots size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {mayHandle && (
            <Menu.Item
              leftSection={<IconEdit size={14} aria-hidden />}
              onClick={() => void navigate({ to: "/submit", search: { from: task.task_id } })}
            >
              {words.edit}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconTerminal2 size={14} aria-hidden />}
            onClick={() => start(copyCurl, words.copied)}
          >
            {words.copyCurl}
          </Menu.Item>
          {mayHandle && task.status === "pending" && (
            <Menu.Item
              leftSection={<IconArrowsSort size={14} aria-hidden />}
              onClick={() => setAsked("priority")}
            >
              {words.prioritise}
            </Menu.Item>
          )}
          {mayHandle && hasEnded && (
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
      {asked === "priority" && (
        <Question
          title={words.prioritise}
          keep={words.keep}
          confirm={words.prioritise}
          color="gate"
          onConfirm={() => start(() => handle.amend({ priority }), words.didPrioritise)}
          onClose={() => setAsked(null)}
        >
          <NumberInput
            label={words.priority}
            min={0}
            max={9}
            value={priority}
            onChange={(value) => setPriority(Number(value))}
            data-autofocus
          />
        </Question>
      )}
      {(asked === "cancel" || asked === "remove") && (
        <Question
          title={asked === "remove" ? words.confirmRemove : words.confirmCancel}
          keep={words.keep}
          confirm={asked === "remove" ? words.remove : words.cancel}
          color="red"
          onConfirm={() =>
            asked === "remove"
              ? start(remove, words.didRemove)
              : start(() => handle.cancel(), words.didCancel)
          }
          onClose={() => setAsked(null)}
        >
          <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
            {task.method} {task.path}
          </Text>
        </Question>
      )}
    </Group>
  );
}

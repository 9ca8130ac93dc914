import { Button, Group, Text } from "@mantine/core";
import { IconBan, IconRefresh } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { HeadgateError } from "../../../../client/errors.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TASKS } from "../../i18n/tasks.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { isUnauthorized } from "../../session/queries.ts";
import { useSession } from "../../session/session.tsx";
import { Question } from "../../shell/question.tsx";
import { say } from "../../shell/say.tsx";

interface BulkProps {
  readonly selected: ReadonlySet<string>;
  readonly clear: () => void;
}

type Deed = "cancel" | "retry";

/** Under way at once, so that a browser's connections are left for the rest. */
const AT_ONCE = 4;

/** What is done to all that are selected, after a question. */
export default function Bulk({ selected, clear }: BulkProps): ReactNode {
  const words = useTexts(TASKS);
  const format = useFormat();
  const { client, onUnauthorized } = useSession();
  const [asked, setAsked] = useState<Deed | null>(null);
  const [isBusy, setBusy] = useState(false);
  const count = format.count(selected.size);

  async function act(deed: Deed): Promise<void> {
    setBusy(true);
    const ids = [...selected];
    let not = 0;
    async function work(): Promise<void> {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        const task = client.task(id);
        try {
          await (deed === "cancel" ? task.cancel() : task.retry());
        } catch (error) {
          if (!(error instanceof HeadgateError) || isUnauthorized(error)) throw error;
          not += 1;
        }
      }
    }
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      const done = format.count(selected.size - not);
      say({
        color: not === 0 ? "teal" : "orange",
        message: not === 0 ? words.done(done) : words.partly(done, format.count(not)),
      });
      clear();
    } catch (error) {
      if (isUnauthorized(error)) onUnauthorized();
      else say({ color: "red", title: words.failed, message: String(error) });
    } finally {
      setBusy(false);
      setAsked(null);
    }
  }

  return (
    <>
      <Group gap="xs" role="toolbar" aria-label={words.selected(count)}>
        <Text size="sm">{words.selected(count)}</Text>
        <Button
          size="xs"
          variant="light"
          leftSection={<IconRefresh size={14} aria-hidden />}
          onClick={() => setAsked("retry")}
        >
          {words.retry}
        </Button>
        <Button
          size="xs"
          variant="light"
          color="red"
          leftSection={<IconBan size={14} aria-hidden />}
          onClick={() => setAsked("cancel")}
        >
          {words.cancel}
        </Button>
      </Group>
      {asked !== null && (
        <Question
          title={asked === "retry" ? words.confirmRetry(count) : words.confirmCancel(count)}
          keep={words.keep}
          confirm={asked === "retry" ? words.retry : words.cancel}
          color={asked === "retry" ? "gate" : "red"}
          isBusy={isBusy}
          onConfirm={() => void act(asked)}
          onClose={() => setAsked(null)}
        >
          <Text size="sm">{asked === "retry" ? words.confirmRetryText : words.confirmCancelText}</Text>
        </Question>
      )}
    </>
  );
}

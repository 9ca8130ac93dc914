import { Button, CloseButton, Group, Text } from "@mantine/core";
import { IconBan, IconRefresh } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTexts } from "../../i18n/language.tsx";
import { TASKS } from "../../i18n/tasks.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { isUnauthorized } from "../../session/queries.ts";
import { useSession } from "../../session/session.tsx";
import { say } from "../../shell/say.tsx";
import { BulkQuestion } from "./bulk-question.tsx";
import { type Chosen, deal, type Dealt, isPossible, type Verb } from "./deal.ts";
import type { TaskSearch } from "./search.ts";

export interface BulkProps {
  readonly selected: ReadonlySet<string>;
  readonly search: TaskSearch;
  /** All that match are chosen, whether they are shown or not. */
  readonly isEvery: boolean;
  /** Chooses all that match; null where those that are shown are not all chosen, or are all there are. */
  readonly chooseEvery: (() => void) | null;
  /** How many match, where that is known without counting. */
  readonly total: number | null;
  readonly clear: () => void;
}

/** Each has a toast of its own. */
let begun = 0;

/** What is done to all that are chosen, after a question. */
export default function Bulk({ selected, search, isEvery, chooseEvery, total, clear }: BulkProps): ReactNode {
  const words = useTexts(TASKS);
  const format = useFormat();
  const { client, onUnauthorized } = useSession();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Verb | null>(null);
  const chosen: Chosen = isEvery ? { search } : { ids: [...selected] };
  const totalText = total === null ? null : format.count(total);
  const about = isEvery
    ? words.everySelected(totalText)
    : words.selected(selected.size, format.count(selected.size));
  const canBe = (verb: Verb): boolean => !isEvery || isPossible(verb, search);

  async function act(verb: Verb): Promise<void> {
    setAsked(null);
    clear();
    const id = `bulk-${(begun += 1)}`;
    const tell = (done: number): void =>
      say({ id, loading: true, autoClose: false, message: words.underWay(format.count(done)) });
    tell(0);
    try {
      const outcome = await deal(client, verb, chosen, tell);
      say({ id, loading: false, autoClose: 8_000, ...toMessage(outcome) });
    } catch (error) {
      say({
        id,
        loading: false,
        autoClose: 8_000,
        color: "red",
        title: words.failed,
        message: String(error),
      });
      if (isUnauthorized(error)) onUnauthorized();
    } finally {
      await queries.invalidateQueries({ queryKey: ["tasks"] });
    }
  }

  function toMessage({ done, skipped, isStopped }: Dealt): {
    readonly color: string;
    readonly message: string;
  } {
    const reasons = Object.entries(skipped).map(
      ([code, count]) => `${words.skipped.get(code) ?? code}: ${format.count(count)}`,
    );
    const text = words.done(done, format.count(done));
    if (reasons.length === 0) return { color: "teal", message: text };
    const rest = isStopped ? [words.stopped] : [];
    return { color: "orange", message: [text, ...reasons, ...rest].join(" · ") };
  }

  return (
    <>
      <Group gap="xs" role="toolbar" aria-label={about}>
        <Text size="sm">{about}</Text>
        {chooseEvery !== null && !isEvery && (
          <Button size="compact-sm" variant="subtle" onClick={chooseEvery}>
            {words.selectEvery(totalText)}
          </Button>
        )}
        <Button
          size="xs"
          variant="light"
          disabled={!canBe("retry")}
          leftSection={<IconRefresh size={14} aria-hidden />}
          onClick={() => setAsked("retry")}
        >
          {words.retry}
        </Button>
        <Button
          size="xs"
          variant="light"
          color="red"
          disabled={!canBe("cancel")}
          leftSection={<IconBan size={14} aria-hidden />}
          onClick={() => setAsked("cancel")}
        >
          {words.cancel}
        </Button>
        <CloseButton size="sm" aria-label={words.unselect} title={words.unselect} onClick={clear} />
      </Group>
      {asked !== null && (
        <BulkQuestion
          verb={asked}
          chosen={chosen}
          onConfirm={() => void act(asked)}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}

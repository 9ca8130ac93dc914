import { Badge, Group, Loader, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTexts } from "../../i18n/language.tsx";
import { TASKS } from "../../i18n/tasks.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useSession } from "../../session/session.tsx";
import { Question } from "../../shell/question.tsx";
import { Failed } from "../../states/failed.tsx";
import { type Chosen, type Count, count, type Verb } from "./deal.ts";
import type { TaskSearch } from "./search.ts";

interface BulkQuestionProps {
  readonly verb: Verb;
  readonly chosen: Chosen;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Says how many it is about and by which filter; all that match are counted first. */
export function BulkQuestion({ verb, chosen, onConfirm, onClose }: BulkQuestionProps): ReactNode {
  const words = useTexts(TASKS);
  const format = useFormat();
  const { client } = useSession();
  const search = "search" in chosen ? chosen.search : null;
  const counted = useQuery({
    queryKey: ["count", verb, search],
    queryFn: () => count(client, verb, search ?? {}),
    enabled: search !== null,
    staleTime: 0,
    gcTime: 0,
  });
  const found: Count | undefined =
    "ids" in chosen ? { count: chosen.ids.length, isMore: false } : counted.data;
  const text = found === undefined ? null : format.count(found.count) + (found.isMore ? "+" : "");
  return (
    <Question
      title={(verb === "retry" ? words.confirmRetry : words.confirmCancel)(found?.count ?? 0, text)}
      keep={words.keep}
      confirm={verb === "retry" ? words.retry : words.cancel}
      color={verb === "retry" ? "gate" : "red"}
      isImpossible={found === undefined || found.count === 0}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      {search !== null && <Filter search={search} />}
      {search !== null && counted.error !== null && <Failed error={counted.error} retry={counted.refetch} />}
      {found === undefined && counted.error === null && <Loader size="sm" type="dots" />}
      {found?.count === 0 ? (
        <Text size="sm">{verb === "retry" ? words.noneToRetry : words.noneToCancel}</Text>
      ) : (
        <Text size="sm">
          {verb === "cancel"
            ? words.confirmCancelText
            : search !== null && search.status === undefined
              ? words.confirmRetryFailedText
              : words.confirmRetryText}
        </Text>
      )}
      {found?.isMore === true && <Text size="sm">{words.andMore}</Text>}
    </Question>
  );
}

function Filter({ search }: { readonly search: TaskSearch }): ReactNode {
  const words = useTexts(TASKS);
  const given = Object.entries(search) as [keyof TaskSearch, string][];
  return (
    <Group gap={6} aria-label={words.filter} role="group">
      {given.length === 0 && <Text size="sm">{words.everyTask}</Text>}
      {given.map(([name, value]) => (
        <Badge key={name} variant="default" radius="sm" maw="100%">
          {name === "q" ? words.search : words[name]}:{" "}
          {name === "status" ? words.statuses[value as never] : value}
        </Badge>
      ))}
    </Group>
  );
}

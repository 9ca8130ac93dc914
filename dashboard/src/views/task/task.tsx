import { Alert, Anchor, SimpleGrid, Stack } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { NotFoundError } from "../../../../client/errors.ts";
import type { TaskView } from "../../../../client/views.ts";
import { isFinal } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TASK } from "../../i18n/task.ts";
import { useLive } from "../../live/live.tsx";
import { useSession } from "../../session/session.tsx";
import { Failed } from "../../states/failed.tsx";
import { Loading } from "../../states/loading.tsx";
import { Facts } from "./facts.tsx";
import { Head } from "./head.tsx";
import { RequestPanel, ResponsePanel } from "./panels.tsx";
import { Timeline } from "./timeline.tsx";

const route = getRouteApi("/tasks/$id");

/** What a place in line and an estimate change by without an event. */
const LOOK_EVERY_MS = 2_000;

/** One task: where it stands, what it went through, what was asked and answered. */
export function OneTask(): ReactNode {
  const words = useTexts(TASK);
  const { id } = route.useParams();
  const { client } = useSession();
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: ["task", id],
    queryFn: () => client.task(id).status(),
    refetchInterval: ({ state }) =>
      state.data === undefined || isFinal(state.data.status) ? false : LOOK_EVERY_MS,
  });
  useLive((events) => {
    const isAbout = events.some(({ data }) => (data as { readonly task_id?: string }).task_id === id);
    if (isAbout) void queries.invalidateQueries({ queryKey: ["task", id] });
  });

  const isMissing = query.error instanceof NotFoundError;
  return (
    <Stack gap="md" maw={1_400}>
      <Anchor component={Link} to="/tasks" size="sm">
        <IconArrowLeft size={14} aria-hidden /> {words.back}
      </Anchor>
      {isMissing && <Alert color="gray">{words.missing}</Alert>}
      {query.error !== null && !isMissing && <Failed error={query.error} retry={query.refetch} />}
      {query.isPending && <Loading rows={5} height={64} />}
      {query.data !== undefined && <Whole task={query.data} />}
    </Stack>
  );
}

function Whole({ task }: { readonly task: TaskView }): ReactNode {
  return (
    <>
      <Head task={task} />
      <Facts task={task} />
      <Timeline task={task} />
      <SimpleGrid cols={{ base: 1, xl: 2 }} spacing="md">
        <RequestPanel id={task.task_id} />
        <ResponsePanel task={task} />
      </SimpleGrid>
    </>
  );
}

import { Button, Card, Group, Table, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Task } from "../../../../client/task.ts";
import { isFinal, type TaskView } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { TASK } from "../../i18n/task.ts";
import { useSession } from "../../session/session.tsx";
import { Failed } from "../../states/failed.tsx";
import { Loading } from "../../states/loading.tsx";
import { BodyView } from "./body-view.tsx";
import classes from "./panels.module.css";

/** Of a body, as much is looked at here. */
const SHOWN_BYTES = 256 * 1_024;

/** What a downloaded request body is called. */
export function fileOfRequest(id: string): string {
  return `${id}-request`;
}

/** What the client sent. */
export function RequestPanel({ id }: { readonly id: string }): ReactNode {
  const words = useTexts(TASK);
  const { client } = useSession();
  const task = client.task(id);
  const head = useQuery({ queryKey: ["request", id], queryFn: () => task.request(), staleTime: Infinity });
  const size = head.data?.size_bytes ?? 0;
  const body = useQuery({
    queryKey: ["request-body", id],
    queryFn: async () => readSome(await task.requestBody()),
    enabled: size > 0,
    staleTime: Infinity,
  });
  const type = head.data?.headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  return (
    <Panel
      title={words.request}
      download={size > 0 ? () => save(task.requestBody(), fileOfRequest(id)) : null}
    >
      {head.error !== null && <Failed error={head.error} retry={head.refetch} />}
      {head.isPending && <Loading rows={3} />}
      {head.data !== undefined && <Headers fields={head.data.headers} />}
      {head.data !== undefined && size === 0 && <Nothing text={words.empty} />}
      {body.data !== undefined && <BodyView bytes={body.data} type={type} size={size} />}
    </Panel>
  );
}

/** What the service answered. */
export function ResponsePanel({ task }: { readonly task: TaskView }): ReactNode {
  const words = useTexts(TASK);
  const { client } = useSession();
  const handle: Task = client.task(task.task_id);
  const { response } = task;
  const body = useQuery({
    queryKey: ["response-body", task.task_id],
    queryFn: async () => readSome(await handle.result()),
    enabled: response !== null && response.size_bytes > 0,
    staleTime: Infinity,
  });
  const fields = Object.entries(response?.headers ?? {}).flatMap(([name, value]) =>
    [value].flat().map((each) => [name, each] as const),
  );
  const type = fields.find(([name]) => name === "content-type")?.[1] ?? "";
  const hasBody = (response?.size_bytes ?? 0) > 0;
  return (
    <Panel
      title={response === null ? words.response : `${words.response} · HTTP ${response.status}`}
      download={hasBody ? () => save(handle.result(), `${task.task_id}-response`) : null}
    >
      {response === null && <Nothing text={isFinal(task.status) ? words.noAnswer : words.notYet} />}
      {response !== null && <Headers fields={fields} />}
      {response !== null && !hasBody && <Nothing text={words.empty} />}
      {body.error !== null && <Failed error={body.error} retry={body.refetch} />}
      {body.isLoading && <Loading rows={3} />}
      {body.data !== undefined && <BodyView bytes={body.data} type={type} size={response?.size_bytes ?? 0} />}
    </Panel>
  );
}

interface PanelProps {
  readonly title: string;
  readonly download: (() => Promise<void>) | null;
  readonly children: ReactNode;
}

function Panel({ title, download, children }: PanelProps): ReactNode {
  const words = useTexts(TASK);
  return (
    <Card withBorder padding="md" radius="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">
          {title}
        </Title>
        {download !== null && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
            onClick={() => void download()}
            aria-label={`${words.download}: ${title}`}
          >
            {words.download}
          </Button>
        )}
      </Group>
      {children}
    </Card>
  );
}

function Nothing({ text }: { readonly text: string }): ReactNode {
  return (
    <Text size="sm" c="dimmed">
      {text}
    </Text>
  );
}

/** More of them would push the body out of sight. */
const MOST_AT_ONCE = 6;

function Headers({ fields }: { readonly fields: readonly (readonly [string, string])[] }): ReactNode {
  const words = useTexts(TASK);
  return (
    <details className={classes["headers"]} open={fields.length <= MOST_AT_ONCE}>
      <summary>
        {words.headers} ({fields.length})
      </summary>
      <Table withRowBorders={false} verticalSpacing={2} fz="xs" ff="monospace" aria-label={words.headers}>
        <Table.Tbody>
          {fields.map(([name, value], index) => (
            <Table.Tr key={index}>
              <Table.Th w="38%" maw={190} c="dimmed" fw={500} scope="row" className={classes["field"] ?? ""}>
                {name}
              </Table.Th>
              <Table.Td className={classes["field"] ?? ""}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </details>
  );
}

/** The first bytes; the connection of a large body is closed then. */
async function readSome(response: Response): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  while (reader !== undefined && size < SHOWN_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    size += value.byteLength;
  }
  await reader?.cancel();
  const bytes = new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
  return bytes.subarray(0, SHOWN_BYTES);
}

/** To a file, without showing it: whatever type it has, it does not run here. */
async function save(answer: Promise<Response>, name: string): Promise<void> {
  const bytes = await (await answer).arrayBuffer();
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

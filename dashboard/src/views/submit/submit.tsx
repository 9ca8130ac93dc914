import {
  Alert,
  Button,
  Card,
  Fieldset,
  Group,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { HeadgateError } from "../../../../client/errors.ts";
import { useTexts } from "../../i18n/language.tsx";
import { SUBMIT } from "../../i18n/submit.ts";
import { useSession } from "../../session/session.tsx";
import { say } from "../../shell/say.tsx";
import { badHeaders, BLANK, type Draft, fromRequest, toOptions } from "./draft.ts";

const route = getRouteApi("/submit");
const AS_CODE = { input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } } as const;
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/** A request by hand: a new one, or that of a task, changed. */
export function Submit(): ReactNode {
  const words = useTexts(SUBMIT);
  const { client } = useSession();
  const navigate = useNavigate();
  const { from } = route.useSearch();
  const [draft, setDraft] = useState<Draft>(BLANK);
  const [error, setError] = useState<Error | null>(null);
  const [isBusy, setBusy] = useState(false);
  const old = useQuery({
    queryKey: ["request", from],
    queryFn: () => client.task(String(from)).request(),
    enabled: from !== undefined,
    staleTime: Infinity,
  });
  useEffect(() => {
    if (old.data !== undefined) setDraft(fromRequest(old.data));
  }, [old.data]);

  const [bad] = badHeaders(draft);
  const isRight = bad === undefined && draft.path.startsWith("/");

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!isRight) return;
    setBusy(true);
    setError(null);
    try {
      const task = await client.submit(draft.path, toOptions(draft));
      say({ color: "teal", message: task.receipt?.isReplay ? words.replay : words.done });
      await navigate({ to: "/tasks/$id", params: { id: task.id } });
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    } finally {
      setBusy(false);
    }
  }

  function field(name: keyof Draft, label: string, placeholder: string): ReactNode {
    return (
      <TextInput
        key={name}
        label={label}
        placeholder={placeholder}
        value={draft[name]}
        onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
      />
    );
  }

  return (
    <Stack maw={900} gap="md">
      <Title order={1} size="h3">
        {words.title}
      </Title>
      {from !== undefined && (
        <Text size="sm" c="dimmed">
          {words.from(from)} {old.data?.body_encoding === "base64" ? words.binary : ""}
        </Text>
      )}
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Card withBorder radius="md" padding="md">
          <Stack gap="md">
            <Group align="flex-start" wrap="nowrap">
              <Select
                label={words.method}
                w={120}
                data={METHODS}
                value={draft.method}
                allowDeselect={false}
                onChange={(method) => setDraft({ ...draft, method: method ?? "POST" })}
              />
              <TextInput
                label={words.path}
                flex={1}
                styles={AS_CODE}
                value={draft.path}
                error={draft.path.startsWith("/") ? null : words.badPath}
                onChange={(event) => setDraft({ ...draft, path: event.currentTarget.value })}
              />
            </Group>
            <Textarea
              label={words.headers}
              placeholder={words.headersHint}
              styles={AS_CODE}
              autosize
              minRows={2}
              maxRows={10}
              value={draft.headers}
              error={bad === undefined ? null : words.badHeader(bad)}
              onChange={(event) => setDraft({ ...draft, headers: event.currentTarget.value })}
            />
            <Textarea
              label={words.body}
              styles={AS_CODE}
              autosize
              minRows={5}
              maxRows={24}
              disabled={draft.method === "GET" || draft.method === "HEAD"}
              value={draft.body}
              onChange={(event) => setDraft({ ...draft, body: event.currentTarget.value })}
            />
            <Fieldset legend={words.more} radius="md">
              <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
                {field("priority", words.priority, "0–9")}
                {field("delay", words.delay, "10m")}
                {field("timeout", words.timeout, "30s")}
                {field("maxAttempts", words.maxAttempts, "3")}
                {field("labels", words.labels, "customer=acme, env=prod")}
                {field("client", words.client, "billing")}
                {field("callback", words.callback, "https://example.com/done")}
              </SimpleGrid>
            </Fieldset>
            {error !== null && (
              <Alert color="red" title={words.failed} role="alert">
                {error instanceof HeadgateError && error.field !== null ? `${error.field}: ` : ""}
                {error.message}
              </Alert>
            )}
            <Group justify="flex-end">
              <Button
                type="submit"
                loading={isBusy}
                disabled={!isRight}
                leftSection={<IconSend size={16} aria-hidden />}
              >
                {words.send}
              </Button>
            </Group>
          </Stack>
        </Card>
      </form>
    </Stack>
  );
}

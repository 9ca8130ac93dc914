import { Alert, Badge, Button, Code, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconPlugConnected, IconSend } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Endpoint, EndpointList } from "../../../../client/webhooks.ts";
import { useTexts } from "../../i18n/language.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { WEBHOOKS } from "../../i18n/webhooks.ts";
import { useMay } from "../../session/may.ts";
import { useSession } from "../../session/session.tsx";
import { useDeed } from "../../session/use-deed.ts";
import { Empty } from "../../states/empty.tsx";
import { Failed } from "../../states/failed.tsx";
import { Loading } from "../../states/loading.tsx";
import classes from "../../traffic/traffic.module.css";
import { useEndpoints } from "./queries.ts";

/** The receivers of the configuration. */
export function Receivers(): ReactNode {
  const words = useTexts(WEBHOOKS);
  const { data, error, refetch } = useEndpoints();
  return (
    <Stack component="section" aria-label={words.receivers} gap="md">
      <Title order={2} size="h4">
        {words.receivers}
      </Title>
      {error !== null && <Failed error={error} retry={refetch} />}
      {data === undefined && error === null && <Loading rows={2} height={90} />}
      {data?.endpoints.length === 0 && <Empty title={words.noReceivers}>{words.noReceiversAbout}</Empty>}
      {data !== undefined && (
        <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
          {data.endpoints.map((endpoint) => (
            <Receiver key={endpoint.name} endpoint={endpoint} />
          ))}
        </SimpleGrid>
      )}
      {data !== undefined && data.gone.length > 0 && <Gone gone={data.gone} />}
    </Stack>
  );
}

function Receiver({ endpoint }: { readonly endpoint: Endpoint }): ReactNode {
  const words = useTexts(WEBHOOKS);
  const { dateTime } = useFormat();
  const { client } = useSession();
  const mayOperate = useMay()("operate");
  const { name, url, on, routes, format, gone_since: goneSince } = endpoint;
  const test = useDeed(() => client.webhooks.test(name), {
    said: () => words.tested(name),
    failed: words.failed,
    changes: ["deliveries"],
  });
  const enable = useDeed(() => client.webhooks.enable(name), {
    said: () => words.enabled(name),
    failed: words.failed,
    changes: ["endpoints"],
  });
  return (
    <Paper withBorder p="md" component="section" aria-label={name}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Title order={3} size="h5">
              {name}
            </Title>
            <Badge variant="default">{format}</Badge>
          </Group>
          {mayOperate && (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconSend size={16} aria-hidden />}
              aria-label={words.testOf(name)}
              loading={test.isPending}
              onClick={() => test.mutate(null)}
              data-row
            >
              {words.test}
            </Button>
          )}
        </Group>
        <Code className={classes["anywhere"] ?? ""}>{url}</Code>
        <Text size="sm" c="dimmed">
          {words.on}: {on.length === 0 ? words.never : on.join(", ")} · {words.routes}:{" "}
          {routes.length === 0 ? words.allRoutes : routes.join(", ")}
        </Text>
        {goneSince !== null && (
          <Alert variant="outline" color="red" p="xs">
            <Group justify="space-between" gap="xs">
              <Text size="sm">{words.goneSince(dateTime(goneSince))}</Text>
              {mayOperate && (
                <Button
                  size="compact-sm"
                  variant="default"
                  leftSection={<IconPlugConnected size={16} aria-hidden />}
                  aria-label={words.enableOf(name)}
                  loading={enable.isPending}
                  onClick={() => enable.mutate(null)}
                >
                  {words.enable}
                </Button>
              )}
            </Group>
          </Alert>
        )}
      </Stack>
    </Paper>
  );
}

function Gone({ gone }: Pick<EndpointList, "gone">): ReactNode {
  const words = useTexts(WEBHOOKS);
  const { dateTime } = useFormat();
  return (
    <Paper withBorder p="md">
      <Title order={3} size="h5" mb="xs">
        {words.gone}
      </Title>
      {gone.map(({ url, gone_since: since }) => (
        <Group key={url} gap="xs">
          <Code className={classes["anywhere"] ?? ""}>{url}</Code>
          <Text size="xs" c="dimmed">
            {dateTime(since)}
          </Text>
        </Group>
      ))}
    </Paper>
  );
}

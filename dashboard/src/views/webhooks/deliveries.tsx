import { Accordion, Badge, Button, Group, Select, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { Delivery, DeliveryState } from "../../../../client/webhooks.ts";
import { useTexts } from "../../i18n/language.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { WEBHOOKS } from "../../i18n/webhooks.ts";
import { Empty } from "../../states/empty.tsx";
import { Failed } from "../../states/failed.tsx";
import { Loading } from "../../states/loading.tsx";
import classes from "./deliveries.module.css";
import { DeliveryDetails } from "./delivery-details.tsx";
import { useDeliveries, useEndpoints } from "./queries.ts";
import { STATES, toDeliverySearch } from "./search.ts";

const COLORS: Readonly<Record<DeliveryState, string>> = {
  pending: "yellow",
  delivered: "teal",
  failed: "red",
};

const here = getRouteApi("/webhooks");

/** What was sent, newest first. */
export function Deliveries(): ReactNode {
  const words = useTexts(WEBHOOKS);
  const search = here.useSearch();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useDeliveries(search);
  const deliveries = data?.pages.flatMap((page) => page.deliveries) ?? [];
  return (
    <Stack component="section" aria-label={words.deliveries} gap="md">
      <Group justify="space-between" gap="sm">
        <Title order={2} size="h4">
          {words.deliveries}
        </Title>
        <Filters />
      </Group>
      {error !== null && <Failed error={error} retry={refetch} />}
      {data === undefined && error === null && <Loading rows={6} height={44} />}
      {data !== undefined && deliveries.length === 0 && <None isFiltered={Object.keys(search).length > 0} />}
      {deliveries.length > 0 && <Rows deliveries={deliveries} />}
      {hasNextPage && (
        <Button
          variant="default"
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
          mx="auto"
          data-row
        >
          {words.more}
        </Button>
      )}
    </Stack>
  );
}

function None({ isFiltered }: { readonly isFiltered: boolean }): ReactNode {
  const words = useTexts(WEBHOOKS);
  return isFiltered ? (
    <Empty title={words.noneSuch}>{words.noneSuchAbout}</Empty>
  ) : (
    <Empty title={words.noDeliveries} />
  );
}

/** What the URL keeps, so that it can be sent to somebody. */
function Filters(): ReactNode {
  const words = useTexts(WEBHOOKS);
  const { state, endpoint } = here.useSearch();
  const navigate = useNavigate({ from: "/webhooks" });
  const { data } = useEndpoints();
  function show(search: Readonly<Record<string, unknown>>): void {
    void navigate({ search: toDeliverySearch(search), replace: true });
  }
  const names = new Set([
    ...(data?.endpoints.map(({ name }) => name) ?? []),
    ...(endpoint === undefined ? [] : [endpoint]),
  ]);
  return (
    <Group gap="sm">
      <SegmentedControl
        aria-label={words.filterState}
        size="xs"
        value={state ?? "all"}
        data={[
          { value: "all", label: words.all },
          ...STATES.map((each) => ({ value: each, label: words.states[each] })),
        ]}
        onChange={(chosen) => show({ state: STATES.find((each) => each === chosen), endpoint })}
      />
      <Select
        aria-label={words.filterReceiver}
        size="xs"
        w={170}
        allowDeselect={false}
        data={[{ value: "", label: words.anyReceiver }, ...names]}
        value={endpoint ?? ""}
        onChange={(chosen) => show({ state, endpoint: chosen || undefined })}
      />
    </Group>
  );
}

function Rows({ deliveries }: { readonly deliveries: readonly Delivery[] }): ReactNode {
  const words = useTexts(WEBHOOKS);
  const { count, dateTime } = useFormat();
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Accordion variant="contained" order={3} value={open} onChange={setOpen}>
      {deliveries.map((delivery) => (
        <Accordion.Item key={delivery.id} value={delivery.id}>
          <Accordion.Control data-row>
            <div className={classes["row"]}>
              <Badge variant="dot" color={COLORS[delivery.state]}>
                {words.states[delivery.state]}
              </Badge>
              <Text size="sm" fw={500} span>
                {delivery.type}
              </Text>
              <Text size="sm" c="dimmed" truncate span className={classes["receiver"] ?? ""}>
                {delivery.endpoint ?? delivery.url}
              </Text>
              <Text size="xs" c="dimmed" span>
                {words.tries(delivery.tries, count(delivery.tries))}
              </Text>
              <Text size="xs" c="dimmed" span>
                {dateTime(delivery.created_at)}
              </Text>
            </div>
          </Accordion.Control>
          <Accordion.Panel>{open === delivery.id && <DeliveryDetails delivery={delivery} />}</Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

import {
  Button,
  Collapse,
  Group,
  NativeSelect,
  SegmentedControl,
  SimpleGrid,
  TextInput,
} from "@mantine/core";
import { useDebouncedCallback, useDisclosure } from "@mantine/hooks";
import { IconFilter, IconSearch, IconX } from "@tabler/icons-react";
import { type ReactNode, type RefObject, useEffect, useState } from "react";
import { useTexts } from "../../i18n/language.tsx";
import { TASKS } from "../../i18n/tasks.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useCounts } from "../../live/stats.ts";
import { isFiltered, STATUSES, type TaskSearch, totalOf } from "./search.ts";
import classes from "./table.module.css";

interface FiltersProps {
  readonly search: TaskSearch;
  readonly change: (search: TaskSearch) => void;
  readonly searchBox: RefObject<HTMLInputElement | null>;
}

/** What is looked for: state and text at hand, the rest when it is wanted. */
export function Filters({ search, change, searchBox }: FiltersProps): ReactNode {
  const words = useTexts(TASKS);
  const rest = (["route", "method", "path", "label", "client", "since", "until"] as const).map(
    (name) => [name, words[name]] as const,
  );
  const [isOpen, { toggle }] = useDisclosure(rest.some(([name]) => search[name] !== undefined));

  const counts = useCounts(search.route);
  const { shortCount } = useFormat();
  const statuses = (["", ...STATUSES] as const).map((value) => {
    const { status: _, ...others } = search;
    const total = totalOf(value === "" ? others : { ...others, status: value }, counts);
    return {
      value,
      name: value === "" ? words.any : words.statuses[value],
      total: total === null ? null : shortCount(total),
    };
  });

  function set(name: keyof TaskSearch, value: string): void {
    const { [name]: _, ...others } = search;
    change(value === "" ? others : { ...others, [name]: value });
  }

  return (
    <>
      <Group gap="sm" wrap="wrap">
        <Field
          label={words.search}
          value={search.q ?? ""}
          change={(value) => set("q", value)}
          box={searchBox}
          isSearch
        />
        <SegmentedControl
          size="xs"
          aria-label={words.status}
          value={search.status ?? ""}
          onChange={(value) => set("status", value)}
          data={statuses.map(({ value, name, total }) => ({
            value,
            label: (
              <>
                <span>{name}</span> {total !== null && <span className={classes["total"]}>{total}</span>}
              </>
            ),
          }))}
          visibleFrom="lg"
        />
        <NativeSelect
          size="xs"
          aria-label={words.status}
          value={search.status ?? ""}
          onChange={(event) => set("status", event.currentTarget.value)}
          data={statuses.map(({ value, name, total }) => ({
            value,
            label: total === null ? name : `${name} (${total})`,
          }))}
          hiddenFrom="lg"
        />
        <Button
          variant="default"
          size="xs"
          leftSection={<IconFilter size={14} aria-hidden />}
          onClick={toggle}
          aria-expanded={isOpen}
        >
          {words.more}
        </Button>
        {isFiltered(search) && (
          <Button
            variant="subtle"
            size="xs"
            leftSection={<IconX size={14} aria-hidden />}
            onClick={() => change({})}
          >
            {words.clear}
          </Button>
        )}
      </Group>
      <Collapse expanded={isOpen}>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm" pt="sm">
          {rest.map(([name, label]) => (
            <Field
              key={name}
              label={label}
              value={search[name] ?? ""}
              change={(value) => set(name, value)}
              isTime={name === "since" || name === "until"}
            />
          ))}
        </SimpleGrid>
      </Collapse>
    </>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  /** Typed in the time of the reader; the URL has that of the world. */
  readonly isTime?: boolean;
  readonly box?: RefObject<HTMLInputElement | null>;
  readonly isSearch?: boolean;
}

/** Text is looked for when its typing pauses. */
function Field({ label, value, change, box, isTime = false, isSearch = false }: FieldProps): ReactNode {
  const written = isTime ? toLocalTime(value) : value;
  const [typed, setTyped] = useState(written);
  const changeSoon = useDebouncedCallback(change, 300);
  // The URL may change by other means: back, a link, clearing.
  useEffect(() => setTyped(written), [written]);
  return (
    <TextInput
      ref={box}
      size="xs"
      {...(isSearch
        ? {
            "aria-label": label,
            placeholder: label,
            leftSection: <IconSearch size={14} aria-hidden />,
            w: { base: "100%", xs: 260 },
          }
        : { label, ...(isTime ? { type: "datetime-local", step: 1 } : {}) })}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        const text = event.currentTarget.value.trim();
        changeSoon(isTime && text !== "" ? new Date(text).toISOString() : text);
      }}
    />
  );
}

/** As an input of the kind `datetime-local` has it; nothing for what is no time. */
function toLocalTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return "";
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

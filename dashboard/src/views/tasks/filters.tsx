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
import { isFiltered, STATUSES, type TaskSearch } from "./search.ts";

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

  const statuses = [
    { value: "", label: words.any },
    ...STATUSES.map((value) => ({ value, label: words.statuses[value] })),
  ];

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
          data={statuses}
          visibleFrom="md"
        />
        <NativeSelect
          size="xs"
          aria-label={words.status}
          value={search.status ?? ""}
          onChange={(event) => set("status", event.currentTarget.value)}
          data={statuses}
          hiddenFrom="md"
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
              placeholder={name === "since" || name === "until" ? "2026-02-04T03:04:05Z" : undefined}
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
  readonly placeholder?: string | undefined;
  readonly box?: RefObject<HTMLInputElement | null>;
  readonly isSearch?: boolean;
}

/** Text is looked for when its typing pauses. */
function Field({ label, value, change, placeholder, box, isSearch = false }: FieldProps): ReactNode {
  const [typed, setTyped] = useState(value);
  const changeSoon = useDebouncedCallback(change, 300);
  // The URL may change by other means: back, a link, clearing.
  useEffect(() => setTyped(value), [value]);
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
        : { label, placeholder })}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        changeSoon(event.currentTarget.value.trim());
      }}
    />
  );
}

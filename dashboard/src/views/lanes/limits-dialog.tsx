import {
  Alert,
  Button,
  Group,
  Input,
  Modal,
  NumberInput,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Lane } from "../../../../client/views.ts";
import { LANES } from "../../i18n/lanes.ts";
import { useTexts } from "../../i18n/language.tsx";
import { useSession } from "../../session/session.tsx";
import { useDeed } from "../../session/use-deed.ts";
import { type Changes, type Limit, type Limits, type Mode, toChanges, toLimits } from "./limits.ts";

/** Changes the limits of a lane. */
export default function LimitsDialog({
  lane,
  onClose,
}: {
  readonly lane: Lane;
  readonly onClose: () => void;
}): ReactNode {
  const words = useTexts(LANES);
  const { client } = useSession();
  // As they were when it was opened: what is typed stays, whatever happens meanwhile.
  const [before] = useState(() => toLimits(lane));
  const [limits, setLimits] = useState(before);
  const save = useDeed((changes: Changes) => client.changeLane(lane.name, changes), {
    said: () => words.changedLane(lane.name),
    failed: words.failed,
    changes: ["stats"],
    onDone: onClose,
  });
  const changes = toChanges(before, limits);

  function submit(event: FormEvent): void {
    event.preventDefault();
    save.mutate(changes);
  }
  const set = (name: keyof Limits) => (limit: Limit) => setLimits({ ...limits, [name]: limit });
  return (
    <Modal
      opened
      onClose={onClose}
      title={words.limitsOf(lane.name)}
      closeButtonProps={{ "aria-label": words.close }}
    >
      <form onSubmit={submit}>
        <Stack>
          <LimitField
            label={words.atOnce}
            about={words.atOnceAbout}
            modes={["configured", "auto", "fixed"]}
            limit={limits.maxConcurrent}
            most={100_000}
            onChange={set("maxConcurrent")}
          />
          <LimitField
            label={words.queue}
            about={words.queueAbout}
            modes={["configured", "fixed"]}
            limit={limits.queue}
            most={1_000_000_000}
            onChange={set("queue")}
          />
          <LimitField
            label={words.rate}
            about={words.rateAbout}
            modes={["configured", "none", "fixed"]}
            limit={limits.rate}
            most={null}
            onChange={set("rate")}
          />
          <Text size="xs" c="dimmed">
            {words.stays}
          </Text>
          {save.error !== null && <Alert color="red">{save.error.message}</Alert>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {words.cancel}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={Object.keys(changes).length === 0}>
              {words.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface FieldProps {
  readonly label: string;
  readonly about: string;
  readonly modes: readonly Mode[];
  readonly limit: Limit;
  /** Of a number; null for a limit that is none. */
  readonly most: number | null;
  readonly onChange: (limit: Limit) => void;
}

function LimitField({ label, about, modes, limit, most, onChange }: FieldProps): ReactNode {
  const words = useTexts(LANES);
  const names = { configured: words.configured, fixed: words.fixed, auto: words.auto, none: words.unlimited };
  const setValue = (value: string): void => onChange({ mode: "fixed", value });
  return (
    <Input.Wrapper label={label} description={about} labelElement="div">
      <Group gap="xs" mt={6}>
        <SegmentedControl
          aria-label={label}
          size="xs"
          value={limit.mode}
          data={modes.map((mode) => ({ value: mode, label: names[mode] }))}
          onChange={(mode) => onChange({ ...limit, mode })}
        />
        {limit.mode === "fixed" && most !== null && (
          <NumberInput
            aria-label={label}
            size="xs"
            w={120}
            min={1}
            max={most}
            allowDecimal={false}
            required
            value={limit.value}
            onChange={(value) => setValue(String(value))}
          />
        )}
        {limit.mode === "fixed" && most === null && (
          <TextInput
            aria-label={label}
            size="xs"
            w={120}
            required
            value={limit.value}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
        )}
      </Group>
    </Input.Wrapper>
  );
}

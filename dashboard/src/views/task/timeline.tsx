import { Card, Group, Stack, Text, Title, Tooltip } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import type { TaskView } from "../../../../client/views.ts";
import { useTexts } from "../../i18n/language.tsx";
import { REASONS } from "../../i18n/reasons.ts";
import { TASK } from "../../i18n/task.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { type Phase, phasesOf } from "./phases.ts";
import classes from "./timeline.module.css";

/** What a task went through, drawn to scale, and in words below. */
export function Timeline({ task }: { readonly task: TaskView }): ReactNode {
  const words = useTexts(TASK);
  const now = useNow(task.completed_at === null);
  const phases = phasesOf(task, now);
  const first = phases[0]?.from ?? 0;
  const span = Math.max(1, (phases.at(-1)?.to ?? 1) - first);
  return (
    <Card withBorder padding="md" radius="md">
      <Title order={2} size="h5" mb="sm">
        {words.timeline}
      </Title>
      <div className={classes["bar"]} aria-hidden>
        {phases.map((phase, index) => (
          <Tooltip key={index} label={<Words phase={phase} />}>
            <div
              className={`${classes["phase"]} ${classes[toneOf(phase)]}`}
              style={{ flexGrow: Math.max(0.004, (phase.to - phase.from) / span) }}
            />
          </Tooltip>
        ))}
      </div>
      <Stack gap={6} mt="sm" component="ol" className={classes["list"] ?? ""}>
        {phases.map((phase, index) => (
          <Group key={index} component="li" gap="sm" wrap="nowrap" align="baseline">
            <span className={`${classes["dot"]} ${classes[toneOf(phase)]}`} aria-hidden />
            <Words phase={phase} />
          </Group>
        ))}
      </Stack>
    </Card>
  );
}

function Words({ phase }: { readonly phase: Phase }): ReactNode {
  const words = useTexts(TASK);
  const { outcomes } = useTexts(REASONS);
  const format = useFormat();
  const { attempt } = phase;
  const took = format.duration(phase.to - phase.from);
  if (attempt === null) {
    return (
      <Text size="sm" component="span">
        {phase.kind === "waiting" ? words.waitingPhase : words.backoff} · {took}
      </Text>
    );
  }
  const end = [
    attempt.target,
    attempt.status === null ? null : `HTTP ${attempt.status}`,
    attempt.outcome === null || attempt.outcome === "answered" ? null : outcomes[attempt.outcome],
    attempt.error?.message ?? null,
  ].filter((each) => each !== null);
  return (
    <Text size="sm" component="span" style={{ overflowWrap: "anywhere" }}>
      <strong>{words.attempt(format.count(attempt.number))}</strong> · {took}
      {end.length > 0 ? ` · ${end.join(" · ")}` : ""}
    </Text>
  );
}

function toneOf({ kind, attempt }: Phase): "waiting" | "backoff" | "running" | "good" | "bad" {
  if (attempt === null) return kind === "waiting" ? "waiting" : "backoff";
  if (attempt.outcome === null) return "running";
  return attempt.outcome === "answered" && (attempt.status ?? 0) < 400 ? "good" : "bad";
}

/** Goes on while somebody needs it. */
function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}

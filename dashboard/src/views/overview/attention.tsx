import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Stats } from "../../../../client/views.ts";
import type { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/language.tsx";
import { OVERVIEW } from "../../i18n/overview.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { ViewLink } from "../../shell/link.tsx";
import classes from "./attention.module.css";
import { type Problem, problemsOf } from "./problems.ts";

/** What is wrong and what helps, before all figures; a quiet line when nothing is. */
export function Attention({ stats }: { readonly stats: Stats }): ReactNode {
  const words = useTexts(OVERVIEW);
  const problems = problemsOf(stats);
  if (problems.length === 0) {
    return (
      <Group gap={6} role="status">
        <IconCircleCheck size={18} color="var(--mantine-color-teal-filled)" aria-hidden />
        <Text size="sm">{words.allWell}</Text>
      </Group>
    );
  }
  return (
    <Paper withBorder component="section" aria-label={words.attention} className={classes["box"]}>
      <Title order={2} size="h5" px="md" pt="sm">
        {words.attention}
      </Title>
      <Stack component="ul" gap={0} className={classes["list"]}>
        {problems.map((problem) => (
          <OneProblem key={keyOf(problem)} problem={problem} />
        ))}
      </Stack>
    </Paper>
  );
}

function OneProblem({ problem }: { readonly problem: Problem }): ReactNode {
  const words = useTexts(OVERVIEW);
  const format = useFormat();
  const { name, title, about } = inWords(problem, words, format);
  return (
    <li className={classes["problem"]} data-bad={problem.isBad}>
      <IconAlertTriangle size={18} aria-label={problem.isBad ? words.bad : words.warning} />
      <div className={classes["words"]}>
        <Text size="sm" fw={600} component="div">
          {name !== null && <span className={classes["name"]}>{name}</span>} {title}
        </Text>
        {about !== null && (
          <Text size="sm" c="dimmed" component="div">
            {about}
          </Text>
        )}
      </div>
      <WayOn problem={problem} />
    </li>
  );
}

function WayOn({ problem }: { readonly problem: Problem }): ReactNode {
  const words = useTexts(OVERVIEW);
  if (problem.kind === "failing") {
    return (
      <ViewLink to="/tasks" search={{ status: "failed" }}>
        {words.showFailed}
      </ViewLink>
    );
  }
  if (problem.kind === "growing") return null;
  const hash = "lane" in problem ? `lane-${problem.lane.name}` : "targets";
  return (
    <ViewLink to="/lanes" hash={hash}>
      {"lane" in problem ? words.showLane : words.showTarget}
    </ViewLink>
  );
}

interface InWords {
  readonly name: string | null;
  readonly title: string;
  readonly about: string | null;
}

function inWords(problem: Problem, words: (typeof OVERVIEW)["en"], format: Format): InWords {
  switch (problem.kind) {
    case "circuit": {
      const { failures, last_failure: why, until } = problem.target.circuit;
      const again = until === null ? [] : [words.triedAgain(format.time(until))];
      return {
        name: problem.target.url,
        title: words.circuitOpen(format.count(failures)),
        about: [...(why === null ? [] : [why]), ...again].join(" · ") || null,
      };
    }
    case "unhealthy":
      return { name: problem.target.url, title: words.unhealthy, about: words.unhealthyAbout };
    case "full":
      return { name: problem.lane.name, title: words.full, about: words.fullAbout };
    case "nearly_full": {
      const { size, capacity } = problem.lane.queue;
      const room = format.count((capacity ?? 0) - size);
      return { name: problem.lane.name, title: words.nearlyFull(room), about: words.fullAbout };
    }
    case "paused":
      return {
        name: problem.lane.name,
        title: words.paused(format.count(problem.lane.queue.size)),
        about: words.pausedAbout,
      };
    case "former":
      return {
        name: problem.lane.name,
        title: words.former(format.count(problem.lane.queue.size)),
        about: words.formerAbout,
      };
    case "failing":
      return { name: null, title: words.failing(format.percent(1 - problem.successRate)), about: null };
    case "growing":
      return {
        name: null,
        title: words.growing(format.duration(problem.fullInSeconds * 1_000)),
        about: words.growingAbout,
      };
    default:
      return problem satisfies never;
  }
}

function keyOf(problem: Problem): string {
  const { kind } = problem;
  if ("lane" in problem) return `${kind} ${problem.lane.name}`;
  return "target" in problem ? `${kind} ${problem.target.pool} ${problem.target.url}` : kind;
}

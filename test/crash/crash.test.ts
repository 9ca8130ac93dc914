// Kills the real program at random instants under load, many times, and judges it by the logs of those around it. Then
// does the same to programs with one defect each: a check that lets them pass would be worthless.

import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { type Invariant, report, type Violation } from "./checker.ts";
import type { Evidence } from "./evidence.ts";
import { judge } from "./judge.ts";
import type { LoadPlan } from "./load.ts";
import { makeMutant, type Mutation } from "./mutant.ts";
import { type CrashPlan, runCrashes } from "./run.ts";

const SEED = Number(process.env["CRASH_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const KILLS = Number(process.env["CRASH_KILLS"] ?? 50);

const LOAD: LoadPlan = {
  clients: 8,
  pauseMs: 120,
  lookers: 2,
  latencyMs: 40,
  cancelShare: 0.1,
  troubleShare: 0.25,
};

async function crash(t: TestContext, plan: CrashPlan): Promise<readonly Violation[]> {
  t.diagnostic(`seed ${plan.seed}: repeat it with CRASH_SEED=${plan.seed}`);
  return judge(async () => {
    const evidence = await runCrashes(t, plan);
    t.diagnostic(describeRun(evidence));
    return evidence;
  });
}

test(`no promise is broken over ${KILLS} kills`, async (t) => {
  const violations = await crash(t, { seed: SEED, kills: KILLS, lifeMs: 1_000, load: LOAD });
  assert.equal(report(violations), "");
});

interface Mutant {
  readonly defect: string;
  readonly mutations: readonly Mutation[];
  /** At least one of these is found broken. */
  readonly broken: readonly Invariant[];
  readonly load?: Partial<LoadPlan>;
}

const MUTANTS: readonly Mutant[] = [
  {
    defect: "settling without the lease",
    mutations: [
      {
        file: "src/store/sqlite/settle.ts",
        replace: /(FROM task WHERE id = \?) AND node = \? AND epoch = \?/,
        by: "$1 AND ? <> '' AND ? > 0",
      },
      {
        file: "src/store/sqlite/settle.ts",
        replace: /held\.state !== "processing"/,
        by: "Number.isNaN(held.seq)",
      },
      {
        // The database's own guard would end the process before anybody is told something wrong.
        file: "src/store/sqlite/migrations/0001_tasks.sql",
        replace: /(key +TEXT +NOT NULL,\s+count INTEGER NOT NULL) CHECK \(count >= 0\)/,
        by: "$1",
      },
    ],
    broken: ["cancel_is_true", "final_never_changes"],
    load: { cancelShare: 0.9, latencyMs: 10 },
  },
  {
    defect: "202 before the commit",
    mutations: [
      {
        file: "src/intake/intake.ts",
        replace: /const accepted = await keeper\.keep\(task, lane\);/,
        by: "keeper.keep(task, lane).catch(() => {}); const accepted = { position: 1, pending: 1 };",
      },
    ],
    broken: ["no_loss", "found_after_202"],
  },
  {
    defect: "a POST of unknown outcome sent again",
    mutations: [
      {
        file: "src/task/decide.ts",
        replace: /return task\.idempotent && (mayRepeat\(task\) && isRepeated)/,
        by: "return $1",
      },
    ],
    broken: ["ambiguous_sent_once"],
  },
  {
    defect: "a cancel that overwrites a final state",
    mutations: [
      {
        file: "src/store/sqlite/change.ts",
        replace: /if \(state !== "pending" && state !== "processing"\) \{\s+return \{ changed: false/,
        by: "if (lane === '') { return { changed: false",
      },
    ],
    broken: ["answer_unchanged"],
    load: { cancelShare: 0.9, latencyMs: 10 },
  },
  {
    defect: "no limit on what the target sees at once",
    mutations: [
      { file: "src/store/sqlite/claim.ts", replace: /cap - tallies\.get\(lane, "in_flight"\)/, by: "50" },
      {
        file: "src/dispatch/lane.ts",
        replace: /Math\.min\(config\.workers, limit\.current\(\)\) - takenInAll\(\)/,
        by: "50",
      },
    ],
    broken: ["cap_held"],
  },
  {
    defect: "last in, first out",
    mutations: [
      {
        file: "src/store/sqlite/claim.ts",
        replace: /ORDER BY priority DESC, rank, task\.seq LIMIT/,
        by: "ORDER BY rank DESC LIMIT",
      },
    ],
    broken: ["first_in_first_out"],
  },
];

const MUTANT_RUNS = 5;

describe("the check finds", () => {
  for (const { defect, mutations, broken, load } of MUTANTS) {
    test(defect, async (t) => {
      const root = await makeMutant(t, mutations);
      const violations: Violation[] = [];
      const isFound = (): boolean => violations.some(({ invariant }) => broken.includes(invariant));
      // What a slow machine gets done in four lives may miss the moment of the defect.
      for (let run = 0; run < MUTANT_RUNS && !isFound(); run++) {
        const plan = { seed: SEED + run, kills: 4, lifeMs: 1_000, load: { ...LOAD, ...load }, root };
        violations.push(...(await crash(t, plan)));
      }
      const found = Map.groupBy(violations, ({ invariant }) => invariant);
      assert.ok(isFound(), `${broken.join(", ")} not reported, only:\n${report(violations)}`);
      t.diagnostic(
        `reported: ${[...found].map(([invariant, { length }]) => `${length} ${invariant}`).join(", ")}`,
      );
    });
  }
});

/** That the run was worth something. */
function describeRun({ sent, arrivals, sightings, cancels, export: exported, logLateMs }: Evidence): string {
  const fates = Map.groupBy(sent, ({ fate }) => fate.kind);
  const ends = Map.groupBy(exported, ({ state, reason }) =>
    state === reason ? state : `${state} (${reason})`,
  );
  const counts = (groups: ReadonlyMap<string, readonly unknown[]>): string =>
    [...groups].map(([name, { length }]) => `${length} ${name}`).join(", ");
  return (
    `${sent.length} requests: ${counts(fates)}; ${arrivals.length} arrivals; ends: ${counts(ends)}; ` +
    `${sightings.length} looks, ${cancels.filter(({ changed }) => changed).length} of ${cancels.length} cancels won; the log was ${logLateMs.toFixed()} ms late at worst`
  );
}

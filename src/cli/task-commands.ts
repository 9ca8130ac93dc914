import { type Command, Option } from "commander";
import type { AnswerFlags } from "./answer.ts";
import type { BulkFlags } from "./commands/bulk.ts";
import type { ListFlags } from "./commands/list.ts";
import type { RunFlags } from "./commands/run.ts";
import type { SubmitFlags } from "./commands/submit.ts";
import type { ConnectionFlags } from "./connect.ts";
import type { ExitCode } from "./exit-code.ts";
import {
  addConnectionFlags,
  addFilterFlags,
  asciiWord,
  duration,
  durationMs,
  formPart,
  futureInstant,
  header,
  idempotencyKey,
  labels,
  requestPath,
  taskId,
  taskIds,
  whole,
} from "./flag.ts";
import type { WaitFlags } from "./waiting.ts";

/** What a command does is loaded when it runs, so that `--help` and completion stay quick. */
export type End = (exitCode: ExitCode) => void;

const ID = "id of the task";

/** Commands about tasks. */
export function addTaskCommands(program: Command, end: End): void {
  program.commandsGroup("Tasks:");
  addRequestCommands(program, end);
  addWatchCommands(program, end);
  addConnectionFlags(
    addFilterFlags(
      program
        .command("list")
        .description("tasks, newest first")
        .option("-n, --limit <n>", "how many at most", whole(1, 1_000_000), 50)
        .option("-a, --all", "all of them"),
    ),
  ).action(async (flags: ListFlags) => end(await (await import("./commands/list.ts")).list(flags)));
  addBulkCommand(program, end, "cancel", "cancel tasks, also while they run");
  addBulkCommand(program, end, "retry", "make new tasks from the requests of tasks that have ended");
  addConnectionFlags(
    program
      .command("batch")
      .description("hand many requests over at once, all or none; prints the id of the batch")
      .argument(
        "<file>",
        "JSON: a list of {method, path, headers, body}, or one a line; - for standard input",
      ),
  ).action(async (file: string, flags: ConnectionFlags) =>
    end(await (await import("./commands/batch.ts")).batch(file, flags)),
  );
}

function addRequestCommands(program: Command, end: End): void {
  const submit = program
    .command("submit")
    .description("hand a request over; prints the id of its task")
    .argument("<path>", "of the service, with its query", requestPath);
  addConnectionFlags(addRequestFlags(submit)).action(async (path: string, flags: SubmitFlags) =>
    end(await (await import("./commands/submit.ts")).submit(path, flags)),
  );
  const run = program
    .command("run")
    .description("hand a request over, wait, and give out the service's answer; Ctrl-C cancels the task")
    .argument("<path>", "of the service, with its query", requestPath);
  addConnectionFlags(addAnswerFlags(addWaitFlags(addRequestFlags(run)))).action(
    async (path: string, flags: RunFlags) => end(await (await import("./commands/run.ts")).run(path, flags)),
  );
}

function addWatchCommands(program: Command, end: End): void {
  const status = program.command("status").description("where a task stands").argument("<id>", ID, taskId);
  addConnectionFlags(status).action(async (id: string, flags: ConnectionFlags) =>
    end(await (await import("./commands/status.ts")).status(id, flags)),
  );
  const wait = program
    .command("wait")
    .description("wait until a task has ended; how it did is the exit code")
    .argument("<id>", ID, taskId);
  addConnectionFlags(addWaitFlags(wait)).action(async (id: string, flags: ConnectionFlags & WaitFlags) =>
    end(await (await import("./commands/wait.ts")).wait(id, flags)),
  );
  const result = program
    .command("result")
    .description("give out the service's answer to a task that has ended")
    .argument("<id>", ID, taskId);
  addConnectionFlags(addAnswerFlags(result)).action(
    async (id: string, flags: ConnectionFlags & AnswerFlags) =>
      end(await (await import("./commands/result.ts")).result(id, flags)),
  );
}

function addBulkCommand(program: Command, end: End, verb: "cancel" | "retry", text: string): void {
  const command = program
    .command(verb)
    .description(`${text}: by their ids, or all that a filter finds`)
    .argument("[id...]", "ids of tasks", taskIds)
    .option("-a, --all", "in place of a filter")
    .option("-y, --yes", "of many, without being asked")
    .option("--dry-run", "of a filter, only say how many");
  addConnectionFlags(addFilterFlags(command)).action(async (ids: readonly string[], flags: BulkFlags) =>
    end(await (await import("./commands/bulk.ts")).bulk(verb, ids, flags)),
  );
}

function addRequestFlags(command: Command): Command {
  return command
    .optionsGroup("The request, as curl has it:")
    .option("-X, --request <method>", "GET if not said, POST with a body")
    .option("-H, --header <'name: value'>", "may be given again", header)
    .option("-d, --data <text>", "the body: text, @file, or @- for standard input")
    .option("-F, --form <name=content>", "a part of a form: text, @file or @-; may be given again", formPart)
    .optionsGroup("How it is treated:")
    .option("--priority <n>", "0 (low) to 9 (high)", whole(0, 9))
    .option("--delay <time>", "not before so long from now, such as 10m", duration)
    .option("--not-before <when>", "not before this instant, such as 2026-02-04T03:04:05Z", futureInstant)
    .option("--start-within <time>", "give up when not started by then", duration)
    .option("--timeout <time>", "limit of one attempt", duration)
    .option("--max-attempts <n>", "how often it is tried", whole(1, 100))
    .option("--label <key=value>", "to find it by; may be given again", labels)
    .option("--client <name>", "whose turn it takes", asciiWord(128))
    .option("--callback <url>", "is told of the end", asciiWord(2_048))
    .option("--no-cache", "not from the cache")
    .option("--idempotency-key <key>", "the same key and request are one task", idempotencyKey);
}

function addWaitFlags(command: Command): Command {
  return command
    .optionsGroup("Waiting:")
    .option("-w, --wait-for <time>", "give up waiting after; the task goes on", durationMs)
    .option("-q, --quiet", "no word on how it gets on");
}

function addAnswerFlags(command: Command): Command {
  return command
    .optionsGroup("The answer:")
    .option("-o, --output <file>", "into a file; - for the bytes as they are, also on a terminal")
    .addOption(new Option("-i, --include", "status and header fields first"));
}

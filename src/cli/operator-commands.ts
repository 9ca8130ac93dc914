import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import type { Key } from "../../client/views.ts";
import type { DeliveryState } from "../../client/webhooks.ts";
import type { CleanupFlags } from "./commands/cleanup.ts";
import type { NewKeyFlags } from "./commands/key.ts";
import type { LaneChangeFlags } from "./commands/lane.ts";
import type { TailFlags } from "./commands/tail.ts";
import type { TopFlags } from "./commands/top.ts";
import type { DeliveryFlags } from "./commands/webhook.ts";
import type { ConnectionFlags } from "./connect.ts";
import { addConnectionFlags, AS_CONFIGURED, atLeastZero, durationMs, STATES, taskId, whole } from "./flag.ts";
import type { End } from "./task-commands.ts";

const ROLES = Object.keys({ submit: true, read: true, operate: true, admin: true } satisfies Record<
  Key["role"],
  true
>);
const DELIVERY_STATES = Object.keys({ pending: true, delivered: true, failed: true } satisfies Record<
  DeliveryState,
  true
>);

/** Commands about the whole. */
export function addOperatorCommands(program: Command, end: End): void {
  program.commandsGroup("The whole:");
  addConnectionFlags(program.command("stats").description("counts, rates and times")).action(
    async (flags: ConnectionFlags) => end(await (await import("./commands/stats.ts")).stats(flags)),
  );
  const top = program
    .command("top")
    .description("the same on the whole terminal, again and again; q ends it")
    .option("-d, --interval <time>", "from one look to the next", intervalMs, 1_000);
  addConnectionFlags(top).action(async (flags: TopFlags) =>
    end(await (await import("./commands/top.ts")).top(flags)),
  );
  const tail = program
    .command("tail")
    .description("what happens, a line each, until Ctrl-C")
    .option("--types <list>", "some of task, lane, target, webhook, alert, stats", "task")
    .option("--route <name>", "of tasks, only those of this route")
    .addOption(new Option("--status <state>", "of tasks, only those that come to it").choices(STATES))
    .option("--after <id>", "go on after this event (--json shows ids)");
  addConnectionFlags(tail).action(async (flags: TailFlags) =>
    end(await (await import("./commands/tail.ts")).tail(flags)),
  );
  const cleanup = program
    .command("cleanup")
    .description("delete tasks that ended long ago")
    .option("--max-age-hours <n>", "those that ended longer ago", atLeastZero, 24);
  addConnectionFlags(cleanup).action(async (flags: CleanupFlags) =>
    end(await (await import("./commands/cleanup.ts")).cleanup(flags)),
  );
  addLaneCommands(program, end);
  addWebhookCommands(program, end);
  addKeyCommands(program, end);
}

function addLaneCommands(program: Command, end: End): void {
  const lane = program.command("lane").description("the queues of the routes");
  addConnectionFlags(lane.command("list").description("how they stand")).action(
    async (flags: ConnectionFlags) => end(await (await import("./commands/lane.ts")).listLanes(flags)),
  );
  for (const [to, text] of [
    ["pause", "send no more of its tasks"],
    ["resume", "send its tasks again"],
  ] as const) {
    addConnectionFlags(lane.command(to).description(text).argument("<name>")).action(
      async (name: string, flags: ConnectionFlags) =>
        end(await (await import("./commands/lane.ts")).switchLane(to, name, flags)),
    );
  }
  const set = lane
    .command("set")
    .description("change its limits while it runs, also for after a restart; default takes a change back")
    .argument("<name>")
    .option("--max-concurrent <n>", "requests at once; auto for what the targets can bear", concurrency)
    .option("--queue <n>", "tasks that may wait", queueSize)
    .option("--rate <rate>", "such as 50/s; none for no limit");
  addConnectionFlags(set).action(async (name: string, flags: LaneChangeFlags) =>
    end(await (await import("./commands/lane.ts")).changeLane(name, flags)),
  );
}

function addWebhookCommands(program: Command, end: End): void {
  const webhook = program.command("webhook").description("what was sent to webhook receivers");
  const list = webhook
    .command("list")
    .description("deliveries, newest first")
    .addOption(new Option("--state <state>").choices(DELIVERY_STATES))
    .option("--task <id>", "about this task", taskId)
    .option("--endpoint <name>", "to this receiver of the configuration")
    .option("-n, --limit <n>", "how many at most", whole(1, 200), 50);
  addConnectionFlags(list).action(async (flags: DeliveryFlags) =>
    end(await (await import("./commands/webhook.ts")).listDeliveries(flags)),
  );
  addConnectionFlags(
    webhook.command("redeliver").description("send a delivery again, under its id").argument("<delivery>"),
  ).action(async (id: string, flags: ConnectionFlags) =>
    end(await (await import("./commands/webhook.ts")).redeliver(id, flags)),
  );
}

function addKeyCommands(program: Command, end: End): void {
  const key = program.command("key").description("who may call");
  const create = key
    .command("create")
    .description("make a key; prints its text, this once")
    .argument("<name>")
    .addOption(new Option("--role <role>", "what it may do").choices(ROLES).makeOptionMandatory())
    .option("--client <name>", "whose tasks it submits; its name if not said")
    .option("--rate <rate>", "requests in a time, such as 100/m")
    .option("--max-open <n>", "tasks that have not ended", whole(1, 10_000_000));
  addConnectionFlags(create).action(async (name: string, flags: NewKeyFlags) =>
    end(await (await import("./commands/key.ts")).createKey(name, flags)),
  );
  addConnectionFlags(key.command("list").description("the keys, without their texts")).action(
    async (flags: ConnectionFlags) => end(await (await import("./commands/key.ts")).listKeys(flags)),
  );
  addConnectionFlags(
    key.command("remove").description("of no use from then on").addArgument(new Argument("<name>")),
  ).action(async (name: string, flags: ConnectionFlags) =>
    end(await (await import("./commands/key.ts")).removeKey(name, flags)),
  );
}

function concurrency(text: string): number | "auto" | typeof AS_CONFIGURED {
  return text === AS_CONFIGURED || text === "auto" ? text : whole(1, 100_000)(text);
}

function queueSize(text: string): number | typeof AS_CONFIGURED {
  return text === AS_CONFIGURED ? text : whole(1, 1_000_000_000)(text);
}

function intervalMs(text: string): number {
  const ms = durationMs(text);
  if (ms >= 100) return ms;
  throw new InvalidArgumentError("It is 100ms or more.");
}

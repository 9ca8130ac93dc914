import { stringify } from "yaml";
import { keyOf } from "./option.ts";
import { OPTIONS } from "./options.ts";
import { INHERITED } from "./routes.ts";
import { SECTION_FIELDS } from "./sections.ts";
import type { AnyField, FieldTable, Written } from "./shape.ts";

/** The chapter of docs/configuration.md about what only the file can say. */
export function sectionsChapter(): string {
  return [INTRODUCTION, ...SECTION_FIELDS.map(section), RELOADING].join("\n");
}

const INTRODUCTION = `## Routes and targets

One file can put Headgate in front of many services, and treat requests in different ways:

\`\`\`yaml
targets:
  models: { urls: [{url: http://10.0.0.1:8000, weight: 2}, http://10.0.0.2:8000], balance: least_busy, health: {path: /health, interval: 5s} }
routes:
  - match: /v1/images/**
    target: models
    max_concurrent: auto         # or a number
    rate: 50/s
    queue: 1000
    timeout: 10m
    start_within: 1h
    retry: {attempts: 5, on: [connect, 429, 502, 503, 504, timeout], backoff: {initial: 1s, max: 2m, jitter: full}}
    idempotent: true
    fail_on: [4xx, 5xx]
    wait: 25s
    cache: {ttl: from_headers, coalesce: true}
    priority: 5
    retention: 3d
clients:
  gold: { weight: 4 }
\`\`\`

Most need much less:

\`\`\`yaml
target: http://127.0.0.1:8000         # what no route matches goes here
routes:
  - match: [/reports/**, /exports/**]
    methods: POST
    target: http://127.0.0.1:9000     # a service of its own
    max_concurrent: 2
  - match: /**
    hosts: "*.search.example.com"
    retry: off                        # goes to the target above
\`\`\`

- **Each route is a lane**: a queue with a bound, a limit and an order of its own. One that is stuck slows no other.
- **A request belongs to the most specific route that matches it**, wherever it stands: an exact host before
  \`*.example.com\` before none, then segment by segment a literal before \`*\` before \`**\`, then a route that names
  methods before one that does not. Patterns are compared with paths as clients send them. \`/v1/*\` is one segment more,
  \`/v1/**\` any number, \`/v1\` itself included.
- **What no route matches** goes to the target of the options (\`target\`, or \`target_host\` and \`target_port\`), by a
  route named \`default\`; no other may have that name, unless it is for everything itself. Without such a target it is
  refused.
- **What a route does not say** it has from the options: \`max_concurrent\`, \`max_queue_size\`, \`num_workers\`,
  \`task_timeout\`, \`max_attempts\`, \`retention\`. A route with a \`max_concurrent\` of its own is not bound by \`num_workers\`.
- \`headgate check\` lists the routes, targets and clients that a file makes. Mistakes are told with line, field and what
  is allowed.
`;

function section([key, field]: FieldTable[number]): string {
  const rows = rowsOf(field.shape.fields ?? []);
  return `### \`${key}\`

${capital(field.text)}.

| Field | Example | Default | What it does | Allowed |
|---|---|---|---|---|
${rows.join("\n")}
`;
}

/** Fields of fields follow them: `retry.backoff.initial`. */
function rowsOf(table: FieldTable, above = ""): readonly string[] {
  return table.flatMap(([key, field]) => {
    const { text, shape, example } = field;
    const names = [`\`${above}${key}\``, `\`${flow(example)}\``];
    const cells = [...names, defaultCell(field), capital(text), shape.allowed];
    const row = `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    return [row, ...rowsOf(shape.fields ?? [], `${above}${key}.`)];
  });
}

function defaultCell({ required, unset, default: initial }: AnyField): string {
  if (required) return "required";
  return unset ?? `\`${flow(initial ?? "none")}\``;
}

/** On one line, as it would stand in the file. */
function flow(value: Written): string {
  return stringify(value, { collectionStyle: "flow", flowCollectionPadding: false, lineWidth: 0 }).trim();
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const RELOADED = OPTIONS.filter(({ field }) => INHERITED.some((inherited) => inherited === field));

const RELOADING = `## Reloading

The file is read again when it changes, and on SIGHUP. No task is lost by it, and no request under way is disturbed. A file
with a mistake changes nothing: what was in force stays so, and the log says what is wrong and where.

In force at once are \`targets\`, \`routes\`, \`clients\`, \`keys\`, \`secrets\`, \`webhooks\`, \`alerts\`, the target of the options, and
${RELOADED.map((option) => `\`${keyOf(option)}\``).join(", ")}.
Other options wait for the next start, and the log names those that have changed. Flags and variables keep the values that
the process was started with, and win over the file as before.
`;

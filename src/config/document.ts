import { type AnyOption, defaultText, flagOf, keyOf, variableOf } from "./option.ts";
import { OPTIONS } from "./options.ts";
import { sectionsChapter } from "./section-document.ts";

/** The options as Markdown, for README.md: one row each. */
export function optionsTable(options: readonly AnyOption[] = OPTIONS): string {
  const rows = options.map((option) => {
    const usage = `\`${flagOf(option)} ${option.kind.metavar}\``;
    return `| ${escape(usage)} | ${defaultCell(option)} | ${escape(capital(option.text))} |`;
  });
  return ["| Option | Default | What it does |", "|---|---|---|", ...rows].join("\n");
}

const REGION = /(<!-- options:start -->\n).*?(<!-- options:end -->)/s;

/** A page with the table between its markers, or null when it has none. */
export function withOptionsTable(page: string): string | null {
  return REGION.test(page)
    ? page.replace(REGION, (_, start, end) => `${start}\n${optionsTable()}\n\n${end}`)
    : null;
}

/** docs/configuration.md */
export function configurationPage(): string {
  return `${INTRODUCTION}\n${OPTIONS.map(section).join("\n")}\n${sectionsChapter()}`;
}

const INTRODUCTION = `<!-- Made from the tables in src/config by \`node test/config/generated.ts\`; do not edit. -->

# Configuration

Every option can be given in three ways. The first that names it wins:

| | Example |
|---|---|
| 1. flag | \`--max-concurrent 50\` |
| 2. environment variable | \`HEADGATE_MAX_CONCURRENT=50\` |
| 3. YAML file, named by \`--config\` | \`max_concurrent: 50\` |

\`headgate check\` with the same flags says what is in force and where each value comes from, or everything that is wrong,
without starting.

- **Durations** are a number with a unit: \`500ms\`, \`30s\`, \`10m\`, \`2h\`, \`7d\`. A bare number is seconds.
- **Sizes** are a number with a unit: \`64KiB\` (65,536), \`10MB\` (10,000,000), \`1GiB\`. A bare number is bytes.
- **Relative paths** begin at the working directory, in the file too.
- An empty environment variable counts as not set. An unknown one that begins with \`HEADGATE_\` is an error; those that
  Kubernetes makes for a service named \`headgate\` are ignored.
- The target is named by \`--target\`, or by \`--target-host\` and \`--target-port\`, not by both in the same place.

A file, with its JSON Schema for editors:

\`\`\`yaml
# yaml-language-server: $schema=./docs/headgate.schema.json
target: http://192.168.1.100:8000
max_concurrent: 50
max_queue_size: 500
num_workers: 20
task_timeout: 10m
\`\`\`

Beside options the file may hold [routes and targets](#routes-and-targets). It is [read again](#reloading) when it changes.

Exit codes: 0 stopped as asked, or nothing wrong; 1 could not start, or a fault of the program; 2 wrong command line or
configuration; 74 the disk failed; 130 and 143 ended at once by a second SIGINT or SIGTERM. [Commands that are clients](cli.md) have more.

## Options

${optionsTable()}
`;

function section(option: AnyOption): string {
  const { kind, example } = option;
  const flag = flagOf(option);
  const value = JSON.stringify(kind.fromText(example)).replace(/^"(.*)"$/, "$1");
  const ways = [
    `\`${flag} ${example}\``,
    `\`${variableOf(option)}=${example}\``,
    ...(option.notInFile === true ? [] : [`\`${keyOf(option)}: ${value}\``]),
  ];
  return `### ${flag}

${capital(option.text)}.

- Allowed: ${escape(kind.allowed)}
- Default: ${defaultCell(option)}
- Written: ${ways.join(" · ")}
`;
}

function defaultCell(option: AnyOption): string {
  const text = defaultText(option);
  return text === option.default ? `\`${text}\`` : text;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function escape(text: string): string {
  return text.replaceAll("|", "\\|");
}

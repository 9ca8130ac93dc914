// docs/api.md, made from the OpenAPI document.

export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface ApiOperation {
  readonly tags: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Contents };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Contents }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

type Contents = Readonly<Record<string, { readonly schema?: Schema }>>;

type Plain = string | number | boolean | null;

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly Plain[];
  readonly const?: Plain;
  readonly default?: Plain;
  readonly description?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
}

const HEAD = `<!-- Made by test/api/generated.ts from the OpenAPI document; do not edit. -->

# API

Headgate's own paths. Every other path is forwarded, and answered with 202 and a task: the [guide](guide.md) says how. The same as OpenAPI 3.1
is at \`/openapi.json\`, as a page at \`/docs\`. Where there are [keys](keys.md), calls need one in \`Headgate-Key\`. Errors are
\`application/problem+json\` with \`code\`, \`message\` and, where one is to blame, \`field\`.
`;

export function apiPage({ paths, components }: ApiDocument): string {
  const groups = Map.groupBy(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    ),
    ({ operation }) => operation.tags[0] ?? "",
  );
  const parts = [...groups].map(([group, calls]) =>
    [`## ${group}`, ...calls.map(({ path, method, operation }) => section(path, method, operation))].join(
      "\n\n",
    ),
  );
  const shapes = Object.entries(components.schemas)
    .filter(([, { properties }]) => properties !== undefined)
    .map(([name, schema]) => `### ${name}\n\n${table(["Member", "", ""], members(schema))}`);
  return [HEAD.trimEnd(), ...parts, "## Shapes", ...shapes].join("\n\n") + "\n";
}

function section(path: string, method: string, operation: ApiOperation): string {
  const { summary = "", description, parameters = [], requestBody, responses } = operation;
  const fields = parameters
    .filter((parameter) => parameter.in !== "path")
    .map(({ name, in: where, required, schema = {}, description: text }) => [
      `\`${name}\`${where === "query" ? "" : ` (${where})`}`,
      typeOf(schema) + (required === true ? ", required" : ""),
      [text ?? schema.description ?? "", defaultOf(schema)].filter((piece) => piece !== "").join(" "),
    ]);
  const body = requestBody?.content["application/json"]?.schema;
  const answers = Object.entries(responses).map(([status, { description: text, content = {} }]) => [
    status,
    Object.entries(content)
      .map(([type, { schema }]) => answerType(type, schema))
      .join(", "),
    text === "Default Response" ? "" : text,
  ]);
  return [
    `### ${method.toUpperCase()} ${path}`,
    [summary, description].filter(Boolean).map(withStop).join(" "),
    ...(fields.length === 0 ? [] : [table(["Parameter", "", ""], fields)]),
    ...(body === undefined ? [] : [`Body: ${typeOf(body)}`]),
    ...(body?.properties === undefined ? [] : [table(["Member", "", ""], members(body))]),
    table(["Answer", "", ""], answers),
  ].join("\n\n");
}

function answerType(type: string, schema: Schema = {}): string {
  return type === "application/json" ? typeOf(schema) : `\`${type}\``;
}

function members({ properties = {}, required = [] }: Schema): string[][] {
  return Object.entries(properties).map(([name, schema]) => [
    `\`${name}\``,
    typeOf(schema) + (required.includes(name) ? "" : ", may be left out"),
    schema.description ?? "",
  ]);
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    return `[${name}](#${name.toLowerCase()})`;
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map(typeOf).join(" or ");
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((each) => `\`${String(each)}\``).join(", ");
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.properties !== undefined) {
    return `{${Object.keys(schema.properties)
      .map((name) => `\`${name}\``)
      .join(", ")}}`;
  }
  const type = typeof schema.type === "string" ? schema.type : (schema.type ?? ["anything"]).join(" or ");
  return schema.format === undefined ? type : `${type} (${schema.format})`;
}

function defaultOf({ default: initial }: Schema): string {
  return initial === undefined ? "" : `Default: \`${String(initial)}\`.`;
}

function withStop(text = ""): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`).replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

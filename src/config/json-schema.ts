import { type AnyOption, keyOf } from "./option.ts";
import { OPTIONS } from "./options.ts";
import { SECTION_FIELDS } from "./sections.ts";
import { propertiesOf, schemaOf } from "./shape.ts";

/** JSON Schema (draft 2020-12) of the YAML file, for editors: `# yaml-language-server: $schema=…`. */
export function fileSchema(): object {
  const options = OPTIONS.filter((option) => option.notInFile !== true);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Headgate configuration file",
    type: "object",
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(options.map((option) => [keyOf(option), propertySchema(option)])),
      ...propertiesOf(SECTION_FIELDS),
    },
  };
}

function propertySchema({ kind, text, default: initial, example }: AnyOption): object {
  return {
    description: `${text} (${kind.allowed})`,
    ...schemaOf(kind),
    ...(initial === null ? {} : { default: kind.fromText(initial) }),
    examples: [kind.fromText(example)],
  };
}

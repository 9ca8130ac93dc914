import { z } from "zod";
import { suggest } from "../lib/suggest.ts";
import { judge, type Rule } from "./kind.ts";
import { missingSpace } from "./meant.ts";
import { isRecord, type Place } from "./place.ts";
import { didYouMean, shown } from "./problem.ts";

/** How a part of the file is written: read from a place, described to editors and to people. */
export interface Shape<Value> {
  /** In documentation. */
  readonly allowed: string;
  /** What stands there, or undefined after saying what is wrong. What is below and wrong is left out. */
  read(place: Place): Value | undefined;
  jsonSchema(): object;
  /** Of what has fields. */
  readonly fields?: FieldTable;
}

export type FieldTable = readonly (readonly [key: string, field: AnyField])[];

/** As it would stand in the file. */
export type Written = string | number | boolean | readonly Written[] | { readonly [key: string]: Written };

/** All there is to say about a field: reader, JSON Schema and documentation are made from it. */
export type Field<Value> = {
  readonly shape: Shape<NonNullable<Value>>;
  readonly text: string;
  readonly example: Written;
  /** What follows when it is not given, where the default does not say it. */
  readonly unset?: string;
} & (
  | { readonly default: null extends Value ? null : Written }
  | { readonly default?: undefined; readonly required: true }
);

export type Fields<Values> = { readonly [Key in keyof Values]-?: Field<Values[Key]> };

/** A field of which only the description matters. */
export interface AnyField {
  readonly shape: Shape<unknown>;
  readonly text: string;
  readonly example: Written;
  readonly unset?: string;
  readonly default?: Written | null | undefined;
  readonly required?: true;
}

/** An entry of a list or map and where it stands. */
export interface Found<Value> {
  readonly place: Place;
  readonly value: Value;
}

/** What the rule asks for. `orElse` ends the message where there is something else to write as well. */
export function value<Value>(rule: Rule<Value>, orElse = ""): Shape<Value> {
  return {
    allowed: rule.allowed,
    read(place) {
      const verdict = judge({ ...rule, allowed: rule.allowed + orElse }, place.value);
      return verdict.flaw === null ? verdict.value : refuse(place, `must ${verdict.flaw}`);
    },
    jsonSchema: () => schemaOf(rule),
  };
}

/** JSON Schema of a value. */
export function schemaOf(rule: Rule<unknown>): object {
  const schema = z.toJSONSchema(rule.schema, { io: "input" });
  delete schema.$schema; // stands once, at the top
  return schema;
}

/** A map with these keys and no others. A field that is wrong has its default, so that the rest can be checked. */
export function record<Values>(fields: Fields<Values>): Shape<Values> {
  const table = Object.entries<AnyField>(fields as Readonly<Record<string, AnyField>>);
  const keys = table.map(([key]) => key);
  return {
    allowed: `fields: ${keys.join(", ")}`,
    fields: table,
    read(place) {
      if (!isMap(place.value)) {
        const hint = typeof place.value === "string" ? missingSpace(place.value) : "";
        return refuse(place, `must have fields: ${keys.join(", ")}${hint}`);
      }
      for (const key of Object.keys(place.value)) {
        if (!keys.includes(key)) refuseKey(place, key, keys);
      }
      const values = table.map(([key, field]) => [key, readField(place.at(key), field)] as const);
      // A required field is missing or wrong, and has been refused.
      if (values.some(([, value]) => value === undefined)) return undefined;
      return Object.fromEntries(values) as Values;
    },
    jsonSchema: () => ({
      type: "object",
      additionalProperties: false,
      properties: propertiesOf(table),
      ...(table.some(([, field]) => field.required)
        ? { required: table.filter(([, field]) => field.required).map(([key]) => key) }
        : {}),
    }),
  };
}

/** JSON Schema of fields. */
export function propertiesOf(table: FieldTable): object {
  return Object.fromEntries(
    table.map(([key, { shape, text, default: initial, example }]) => [
      key,
      {
        description: `${text} (${shape.allowed})`,
        ...shape.jsonSchema(),
        ...(initial === null || initial === undefined ? {} : { default: initial }),
        examples: [example],
      },
    ]),
  );
}

/** Several entries, or one that needs no list around it, which may be written as `lone` says; null for not at all. */
export function list<Value>(
  entry: Shape<Value>,
  { least = 0, lone = entry }: { readonly least?: number; readonly lone?: Shape<Value> | null } = {},
): Shape<readonly Found<Value>[]> {
  const many = { type: "array", items: entry.jsonSchema(), ...(least > 0 ? { minItems: least } : {}) };
  return {
    allowed: `${lone === null ? "a list of" : "one or a list of"}: ${entry.allowed}`,
    ...(entry.fields === undefined ? {} : { fields: entry.fields }),
    read(place) {
      if (!Array.isArray(place.value)) {
        if (lone !== null) return found([place], lone);
        return refuse(place, "must be a list, each entry on a line that begins with `-`");
      }
      if (place.value.length < least) return refuse(place, "must not be empty");
      return found(
        place.value.map((_, i) => place.at(i)),
        entry,
      );
    },
    jsonSchema: () => (lone === null ? many : { anyOf: [lone.jsonSchema(), many] }),
  };
}

/** Entries by names that the user chooses. */
export function map<Value>(name: Rule<string>, entry: Shape<Value>): Shape<readonly Found<Value>[]> {
  return {
    allowed: `by name, each ${entry.allowed}`,
    ...(entry.fields === undefined ? {} : { fields: entry.fields }),
    read(place) {
      if (!isMap(place.value)) return refuse(place, "must be entries by name, such as `models: …`");
      const keys = Object.keys(place.value);
      for (const key of keys) {
        const { flaw } = judge(name, key);
        if (flaw !== null) place.at(key).holding(undefined).wrong(`is no name; it must ${flaw}`);
      }
      return found(
        keys.map((key) => place.at(key)),
        entry,
      );
    },
    jsonSchema: () => ({
      type: "object",
      propertyNames: schemaOf(name),
      additionalProperties: entry.jsonSchema(),
    }),
  };
}

/** Fields, or something shorter in their place. */
export function either<Short, Long>(short: Shape<Short>, long: Shape<Long>): Shape<Short | Long> {
  return {
    allowed: `${short.allowed}; or ${long.allowed}`,
    ...(long.fields === undefined ? {} : { fields: long.fields }),
    read: (place) => (isMap(place.value) ? long.read(place) : short.read(place)),
    jsonSchema: () => ({ anyOf: [short.jsonSchema(), long.jsonSchema()] }),
  };
}

/** The entries without their places. */
export function valuesOf<Value>(entries: readonly Found<Value>[]): readonly Value[] {
  return entries.map(({ value }) => value);
}

function found<Value>(places: readonly Place[], entry: Shape<Value>): readonly Found<Value>[] {
  return places.flatMap((place) => {
    const value = entry.read(place);
    return value === undefined ? [] : [{ place, value }];
  });
}

/** Null when there is neither a right value nor a default; undefined when there must be one. */
function readField(place: Place, { shape, default: initial, required }: AnyField): unknown {
  if (place.value === undefined && required) return refuse(place, "is required");
  const given = place.value === undefined ? undefined : shape.read(place);
  if (given !== undefined || required) return given;
  return initial === null ? null : shape.read(place.holding(initial));
}

function refuse(place: Place, what: string): undefined {
  place.wrong(what);
  return undefined;
}

function refuseKey(place: Place, key: string, keys: readonly string[]): void {
  const suggestion = didYouMean(suggest(key.replaceAll("-", "_"), keys));
  const all = suggestion === "" ? `; there are ${keys.join(", ")}` : suggestion;
  const owner = shown(place.name === "" ? "the file" : place.name);
  place.at(key).holding(undefined).wrong(`is no field of ${owner}${all}`);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && !Array.isArray(value);
}

import fc from 'fast-check';
import type { Schema } from './contract.ts';

/** Generated values for the schemas of the description. */

/** Returns whether a text has neither lone surrogates nor U+0000. */
const isStorable = (text: string) => !/\p{Surrogate}|\u0000/u.test(text);

/** Keywords that limit a value. */
export interface Limits {
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
}
export type Parts = Schema &
  Limits & {
    properties?: Record<string, Schema>;
    required?: string[];
    items?: Schema;
    additionalProperties?: unknown;
    const?: unknown;
  } & Partial<Record<'anyOf' | 'oneOf' | 'allOf', Schema[]>>;

/** Function that returns the target of a reference. */
export type Deref = (node: Schema) => Schema;

export const asIs: Deref = (node) => node;

/** Returns a schema with its reference followed and its `allOf` joined. */
export function resolve(node: Schema, derefNode: Deref): Parts {
  const { allOf = [], ...schema } = derefNode(node) as Parts;
  const parts = allOf.map((part) => resolve(part, derefNode));
  const properties = Object.assign({}, ...parts.map((part) => part.properties), schema.properties);
  const required = [...parts.flatMap((part) => part.required ?? []), ...(schema.required ?? [])];
  return {
    ...(Object.assign({}, ...parts, schema) as Parts),
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
  };
}

/** Returns the types of a schema: the listed ones, or those that its keywords are about. */
export function typesOf(schema: Parts): string[] {
  if (schema.type !== undefined) return [schema.type].flat() as string[];
  if (schema.properties) return ['object'];
  return schema.items ? ['array'] : [];
}

/** Generates texts of the formats that a description may have. */
export const formats: Readonly<Record<string, () => fc.Arbitrary<string>>> = {
  uuid: () => fc.uuid(),
  'date-time': () =>
    fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString()),
  date: () =>
    fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
  email: () => fc.emailAddress(),
  uri: () => fc.webUrl(),
  ipv4: () => fc.ipV4(),
  ipv6: () => fc.ipV6(),
  hostname: () => fc.domain(),
};

/** Returns whether a text matches the pattern of a schema. */
export const isMatch = ({ pattern }: Limits, text: string) =>
  pattern === undefined || new RegExp(pattern, 'u').test(text);

/** Returns whether a pattern excludes few texts, so that generated ones can be filtered. */
export const isLenient = (schema: Limits) =>
  ['x', 'two words', '\u00e9\u{1f600}'].every((text) => isMatch(schema, text));

/** Generates texts that match a schema. Lengths are counted in code points. */
function generateText(schema: Limits): fc.Arbitrary<string> {
  const { minLength = 0, maxLength = 200, pattern, format } = schema;
  const isLong = ({ length }: { length: number }) => length >= minLength && length <= maxLength;
  const ofFormat = formats[format ?? '']?.();
  if (ofFormat) return ofFormat.filter((text) => isMatch(schema, text) && isLong(text));
  if (pattern !== undefined && !isLenient(schema))
    return fc.stringMatching(new RegExp(pattern, 'u')).filter((text) => isStorable(text) && isLong([...text]));
  const short = Math.max(minLength, Math.min(maxLength, 60));
  return fc
    .string({ unit: 'grapheme', minLength, maxLength: short })
    .filter((text) => isStorable(text) && isMatch(schema, text) && isLong([...text]));
}

/** Generates JSON objects that can be stored unchanged: no `__proto__`, no U+0000, only numbers that a double holds. */
function generateObject(): fc.Arbitrary<object> {
  const name = fc
    .string({ unit: 'grapheme', maxLength: 12 })
    .filter((text) => isStorable(text) && text !== '__proto__');
  const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((value) => value + 0);
  const leaf = fc.oneof(name, number, fc.boolean(), fc.constant(null));
  const { object } = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
    object: fc.dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: true }),
    value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 4 }), tie('object')),
  }));
  return object;
}

function generateNumber(schema: Parts, isInteger: boolean): fc.Arbitrary<number> {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const step = multipleOf ?? 1;
  const min = minimum ?? (exclusiveMinimum === undefined ? 0 : exclusiveMinimum + (isInteger ? 1 : step / 2));
  const max =
    maximum ?? (exclusiveMaximum === undefined ? Math.max(1_000, min) : exclusiveMaximum - (isInteger ? 1 : step / 2));
  if (isInteger || multipleOf !== undefined)
    return fc.integer({ min: Math.ceil(min / step), max: Math.floor(max / step) }).map((value) => value * step);
  return fc.double({ min, max, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
}

function generateProperties({ properties = {}, required = [] }: Parts, derefNode: Deref): fc.Arbitrary<unknown> {
  const values = Object.entries(properties).map(([name, property]) => [name, generateValue(property, derefNode)]);
  const known = required.filter((name) => name in properties);
  const record: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(values);
  return fc.record(record, { requiredKeys: known });
}

function generateArray({ items = {}, minItems = 0, maxItems = 5, uniqueItems }: Parts, derefNode: Deref) {
  const item = generateValue(items, derefNode);
  const length = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 5)) };
  return uniqueItems
    ? fc.uniqueArray(item, { ...length, selector: (value) => JSON.stringify(value) })
    : fc.array(item, length);
}

function generateType(type: string, schema: Parts, derefNode: Deref): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return generateText(schema);
    case 'integer':
      return generateNumber(schema, true);
    case 'number':
      return generateNumber(schema, false);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return generateArray(schema, derefNode);
    case 'object':
      return schema.properties ? generateProperties(schema, derefNode) : generateObject();
    default:
      throw new Error(`values of the type ${type} cannot be generated`);
  }
}

/**
 * Generates valid values of a schema.
 *
 * @throws {Error} for a type that JSON Schema does not have
 */
export function generateValue(node: Schema, derefNode: Deref = asIs): fc.Arbitrary<unknown> {
  const schema = resolve(node, derefNode);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return fc.oneof(...choices.map((choice) => generateValue(choice, derefNode)));
  const types = typesOf(schema);
  if (types.length === 0) return generateObject();
  return fc.oneof(...types.map((type) => generateType(type, schema, derefNode)));
}

/** Returns one valid value of a schema, always the same. */
export const sample = (node: Schema, derefNode: Deref): unknown =>
  fc.sample(generateValue(node, derefNode), { seed: 1, numRuns: 1 })[0];

/** Returns valid values of a schema that differ from one another, as many as there are up to a number. */
export function sampleDistinct(node: Schema, derefNode: Deref, count: number): unknown[] {
  const values = fc.sample(generateValue(node, derefNode), { seed: 1, numRuns: count * 4 });
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()].slice(0, count);
}

import type { Level, Schema } from './contract.ts';
import {
  asIs,
  type Deref,
  formats,
  isLenient,
  isMatch,
  type Parts,
  resolve,
  sample,
  sampleDistinct,
  typesOf,
} from './schema-values.ts';

/** Values for the limits of schemas: those just within, and those just beyond. */

/** Value that violates a schema, and the keyword that it violates. */
export interface InvalidValue {
  readonly keyword: string;
  readonly label: string;
  readonly value: unknown;
}

/** One value of every JSON type. */
const valuesByType: Readonly<Record<string, readonly [label: string, value: unknown]>> = {
  null: ['null', null],
  boolean: ['a boolean', true],
  integer: ['an integer', 42],
  string: ['a string', 'text'],
  array: ['an array', []],
  object: ['an object', { a: 1 }],
};

/** Texts that some patterns exclude. */
const delicateMismatches = [
  { keyword: 'pattern', label: 'the mask', value: '*'.repeat(10) },
  { keyword: 'pattern', label: 'the mask and a line break', value: `${'*'.repeat(10)}\n` },
  { keyword: 'pattern', label: 'a text with U+0000', value: 'a\u0000b' },
];

/** Number of items up to which an array is sent to try its limits. */
const maxTriedItems = 2_000;

/** Returns arrays with too few, too many, equal and invalid items. */
function invalidArrays({ items = {}, minItems, maxItems, uniqueItems }: Parts, derefNode: Deref): InvalidValue[] {
  const item = sample(items, derefNode);
  const invalidItem = invalidValues(items, derefNode)[0];
  const isTriable = maxItems !== undefined && maxItems < maxTriedItems;
  return [
    ...(minItems
      ? [{ keyword: 'minItems', label: 'too few items', value: sampleDistinct(items, derefNode, minItems - 1) }]
      : []),
    ...(isTriable
      ? [
          {
            keyword: 'maxItems',
            label: 'too many items',
            value: makeItems(items, derefNode, maxItems + 1, uniqueItems),
          },
        ]
      : []),
    ...(uniqueItems ? [{ keyword: 'uniqueItems', label: 'equal items', value: [item, item] }] : []),
    ...(invalidItem ? [{ keyword: 'items', label: 'an invalid item', value: [invalidItem.value] }] : []),
  ];
}

/** Returns an array of valid items. Texts are numbered where items have to differ and too few values do. */
function makeItems(items: Schema, derefNode: Deref, count: number, uniqueItems = false): unknown[] {
  if (!uniqueItems) return Array(count).fill(sample(items, derefNode));
  const distinct = sampleDistinct(items, derefNode, count);
  const isText = typesOf(resolve(items, derefNode))[0] === 'string';
  return isText ? Array.from({ length: count }, (_, index) => distinct[index] ?? `item ${index}`) : distinct;
}

/** Returns objects without a required property, with an invalid one, and with an unknown one. */
function invalidObjects(schema: Parts, derefNode: Deref): InvalidValue[] {
  const { properties, required = [], additionalProperties } = schema;
  if (properties === undefined) return [];
  const valid = sample(schema, derefNode) as Record<string, unknown>;
  const nested = Object.entries(properties).flatMap(([name, property]) =>
    invalidValues(property, derefNode)
      .slice(0, 1)
      .map(({ value }) => ({ keyword: 'properties', label: `an invalid ${name}`, value: { ...valid, [name]: value } })),
  );
  return [
    ...required.map((name) => {
      const { [name]: _, ...value } = valid;
      return { keyword: 'required', label: `no ${name}`, value };
    }),
    ...nested,
    ...(additionalProperties === false
      ? [{ keyword: 'additionalProperties', label: 'an unknown property', value: { ...valid, no_such_field: 'x' } }]
      : []),
  ];
}

/** Label of a listed value with other letters, which is another value. */
export const otherLettersLabel = 'a listed value in other letters';

function otherLetters({ enum: listed = [] }: Schema): InvalidValue[] {
  const [first] = listed as unknown[];
  const value = typeof first === 'string' ? first.toUpperCase() : first;
  return typeof value !== 'string' || (listed as unknown[]).includes(value)
    ? []
    : [{ keyword: 'enum', label: otherLettersLabel, value }];
}

/** Returns values of other types, outside the enum, too short, too long, too small and too large. */
export function invalidValues(node: Schema, derefNode: Deref = asIs): InvalidValue[] {
  const schema = resolve(node, derefNode);
  const types = typesOf(schema);
  const { minLength, maxLength, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const isAllowed = (name: string) => types.includes(name) || (name === 'integer' && types.includes('number'));
  const isChoice = schema.oneOf ?? schema.anyOf;
  const otherTypes =
    types.length === 0 || isChoice ? [] : Object.entries(valuesByType).filter(([name]) => !isAllowed(name));
  const isListed = schema.enum !== undefined || schema.const !== undefined;
  const mismatches = delicateMismatches.filter(({ value }) => !isMatch(schema, value));
  if (mismatches.length === 0 && !isMatch(schema, 'no match'))
    mismatches.push({ keyword: 'pattern', label: 'a text of another pattern', value: 'no match' });
  return [
    ...otherTypes.map(([, [label, value]]) => ({ keyword: value === null ? 'null' : 'type', label, value })),
    ...(isListed ? [{ keyword: 'enum', label: 'a value outside the enum', value: 'no-such-value' }] : []),
    ...otherLetters(schema),
    ...(minLength ? [{ keyword: 'minLength', label: 'an empty string', value: '' }] : []),
    ...(maxLength ? [{ keyword: 'maxLength', label: 'one character too many', value: 'x'.repeat(maxLength + 1) }] : []),
    ...mismatches,
    ...(formats[schema.format ?? '']
      ? [{ keyword: 'format', label: `a text that is no ${schema.format}`, value: 'no such format' }]
      : []),
    ...(minimum === undefined ? [] : [{ keyword: 'minimum', label: 'a number below the minimum', value: minimum - 1 }]),
    ...(maximum === undefined ? [] : [{ keyword: 'maximum', label: 'a number above the maximum', value: maximum + 1 }]),
    ...(exclusiveMinimum === undefined
      ? []
      : [{ keyword: 'exclusiveMinimum', label: 'the excluded minimum', value: exclusiveMinimum }]),
    ...(exclusiveMaximum === undefined
      ? []
      : [{ keyword: 'exclusiveMaximum', label: 'the excluded maximum', value: exclusiveMaximum }]),
    ...(multipleOf === undefined
      ? []
      : [{ keyword: 'multipleOf', label: 'a number between two multiples', value: multipleOf / 2 }]),
    ...(types.includes('array') ? invalidArrays(schema, derefNode) : []),
    ...(types.includes('object') ? invalidObjects(schema, derefNode) : []),
  ];
}

/** Valid value at the boundary of a schema. */
export interface BoundaryValue {
  /** Keyword that the value is about. */
  readonly keyword: string;
  readonly label: string;
  readonly value: unknown;
  /** Level at which the value has to be accepted. */
  readonly level: Level;
}

/** Texts that are often changed by mistake: surrounding spaces, and characters with several encodings. */
const delicateTexts: Readonly<Record<string, string>> = {
  'text with spaces around it': '  two words ',
  'text of several scripts': 'e\u0301 \u00e9 \u1e9e \u0130 \u05e9\u05dc\u05d5\u05dd \u{1f600} <b>&amp;</b> %41 \\n "\'',
};

/** Object with names and values that are often changed by mistake: empty ones, and those that look like others. */
const delicateObject = {
  ...{ '': 'empty', ' a ': ' two  words ', A: 'e\u0301', a: '', 'a.b': { $c: '\u00e9' }, constructor: '%41' },
  ...{ none: null, no: false, zero: 0, tenth: 0.1, largest: 9_007_199_254_740_991, list: [[], [[1], {}], '', null] },
};

/** Returns the shortest, longest, smallest and largest valid values of a schema, its enum, and delicate texts. */
export function boundaryValues(node: Schema, derefNode: Deref = asIs): BoundaryValue[] {
  const schema = resolve(node, derefNode);
  const types = typesOf(schema);
  const { minLength, maxLength, minimum, maximum, format, minItems, maxItems } = schema;
  const isListed = schema.enum !== undefined || schema.const !== undefined;
  const isText = types.includes('string') && !isListed && format === undefined && isLenient(schema);
  const boundary = (keyword: string, level: Level, label: string, value: unknown): BoundaryValue => ({
    keyword,
    level,
    label,
    value,
  });
  const extension = (keyword: string, label: string, value: unknown) => boundary(keyword, 'extension', label, value);
  const items = (count: number) => makeItems(schema.items ?? {}, derefNode, count, schema.uniqueItems);
  const isTriable = maxItems !== undefined && maxItems <= maxTriedItems;
  return [
    ...(minLength && isText ? [boundary('minLength', 'inferred', 'the shortest text', 'x'.repeat(minLength))] : []),
    ...(maxLength && isText ? [extension('maxLength', 'the longest text', 'x'.repeat(maxLength))] : []),
    // A code point counts as one character, whatever the number of its bytes.
    ...(maxLength && isText
      ? [extension('maxLength', 'the longest text of emoji', '\u{1f600}'.repeat(maxLength))]
      : []),
    ...(isText
      ? Object.entries(delicateTexts)
          .filter(([, text]) => [...text].length <= (maxLength ?? Number.POSITIVE_INFINITY))
          .map(([label, text]) => boundary('type', 'inferred', label, text))
      : []),
    ...(minimum === undefined ? [] : [extension('minimum', 'the minimum', minimum)]),
    ...(maximum === undefined ? [] : [extension('maximum', 'the maximum', maximum)]),
    ...(types.includes('array') ? [extension('minItems', 'the fewest items', items(minItems ?? 0))] : []),
    ...(isTriable ? [extension('maxItems', 'the most items', items(maxItems))] : []),
    ...(types.includes('null') ? [boundary('null', 'inferred', 'null', null)] : []),
    ...(types.includes('boolean')
      ? [true, false].map((value) => boundary('type', 'documented', String(value), value))
      : []),
    ...(schema.enum ?? []).map((value) => boundary('enum', 'documented', String(value), value)),
    ...(types.includes('object') && schema.properties === undefined
      ? [boundary('type', 'inferred', 'an object of delicate values', delicateObject)]
      : []),
    ...(isListed || isText ? [] : [extension('type', 'a generated value', sample(schema, derefNode))]),
  ];
}

/** Keywords whose limits a case can try. */
const limits = new Set(
  'type enum const minLength maxLength pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems items required additionalProperties x-max-bytes x-max-depth x-max-values'.split(
    ' ',
  ),
);

/** Returns the keywords of a schema whose limits a case can try. */
export function listKeywords(node: Schema, derefNode: Deref = asIs): string[] {
  const schema = resolve(node, derefNode);
  const isFree = schema.additionalProperties !== false;
  return Object.keys(schema).filter(
    (keyword) => limits.has(keyword) && !(keyword === 'additionalProperties' && isFree),
  );
}

/** Returns an object of this many levels, itself included. */
const nest = (depth: number): object => (depth <= 1 ? {} : { a: nest(depth - 1) });
/** Number of bytes of the object around an empty text. */
const frameBytes = JSON.stringify({ a: '' }).length;

/** Returns metadata at its limits and just beyond them. JSON Schema has no keywords for these limits. */
export function metadataBoundaries(schema: Schema): (BoundaryValue & { isValid: boolean })[] {
  const { 'x-max-depth': depth, 'x-max-values': values, 'x-max-bytes': bytes } = schema as Record<string, number>;
  const boundary = (isValid: boolean, keyword: string, label: string, value: object) => ({
    ...{ isValid, keyword, label, value },
    level: 'extension' as const,
  });
  return [
    ...(depth
      ? [
          boundary(true, 'x-max-depth', 'the deepest object', nest(depth)),
          boundary(false, 'x-max-depth', 'one level too many', nest(depth + 1)),
        ]
      : []),
    ...(values
      ? [
          boundary(true, 'x-max-values', 'the most values', { a: Array(values - 1).fill(0) }),
          boundary(false, 'x-max-values', 'one value too many', { a: Array(values).fill(0) }),
        ]
      : []),
    ...(bytes
      ? [
          boundary(true, 'x-max-bytes', 'the longest object', { a: 'x'.repeat(bytes - frameBytes) }),
          boundary(false, 'x-max-bytes', 'one byte too many', { a: 'x'.repeat(bytes - frameBytes + 1) }),
        ]
      : []),
  ];
}

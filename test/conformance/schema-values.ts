import fc from 'fast-check';
import type { Level, Schema } from './contract.ts';

/** Values for the schemas of the description: valid ones, invalid ones, and those at the boundary. */

/** Returns whether a text has neither lone surrogates nor U+0000. */
const isStorable = (text: string) => !/\p{Surrogate}|\u0000/u.test(text);

interface TextSchema {
  minLength?: number;
  maxLength?: number;
  pattern?: string;
}

/** Generates texts that match a schema. Lengths are counted in code points. */
function generateText({ minLength = 0, maxLength = 200, pattern }: TextSchema): fc.Arbitrary<string> {
  const isMatch = (text: string) => pattern === undefined || new RegExp(pattern, 'u').test(text);
  return fc
    .string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 60) })
    .filter((text) => isStorable(text) && isMatch(text) && [...text].length <= maxLength);
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

/**
 * Generates valid values of a schema. Supports the types and keywords that the description uses.
 *
 * @throws {Error} for another type
 */
export function generateValue(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const { minimum = 0, maximum = 1_000 } = schema as { minimum?: number; maximum?: number };
  if (schema.type === 'string') return generateText(schema as TextSchema);
  if (schema.type === 'integer') return fc.integer({ min: minimum, max: maximum });
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'object') return generateObject();
  throw new Error(`values of the type ${schema.type} cannot be generated`);
}

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

/** Returns values of other types, outside the enum, too short, too long, too small and too large. */
export function invalidValues(schema: Schema): InvalidValue[] {
  const { type, minLength, maxLength, minimum, maximum } = schema as Schema & TextSchema & Record<string, number>;
  const otherTypes = Object.entries(valuesByType).filter(([name]) => name !== (type as unknown as string));
  return [
    ...otherTypes.map(([, [label, value]]) => ({ keyword: value === null ? 'null' : 'type', label, value })),
    ...(schema.enum ? [{ keyword: 'enum', label: 'a value outside the enum', value: 'no-such-value' }] : []),
    ...(minLength ? [{ keyword: 'minLength', label: 'an empty string', value: '' }] : []),
    ...(maxLength ? [{ keyword: 'maxLength', label: 'one character too many', value: 'x'.repeat(maxLength + 1) }] : []),
    ...delicateMismatches.filter(({ value }) => schema.pattern && !new RegExp(schema.pattern, 'u').test(value)),
    ...(minimum === undefined ? [] : [{ keyword: 'minimum', label: 'a number below the minimum', value: minimum - 1 }]),
    ...(maximum === undefined ? [] : [{ keyword: 'maximum', label: 'a number above the maximum', value: maximum + 1 }]),
  ];
}

/** Valid value at the boundary of a schema. */
export interface BoundaryValue {
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

/** Returns the shortest, longest, smallest and largest valid values of a schema, its enum, and delicate texts. */
export function boundaryValues(schema: Schema): BoundaryValue[] {
  const { type, minLength, maxLength, minimum, maximum } = schema as Schema & TextSchema & Record<string, number>;
  const isText = (type as unknown as string) === 'string' && schema.enum === undefined;
  const boundary = (level: Level, label: string, value: unknown): BoundaryValue => ({ level, label, value });
  return [
    ...(minLength ? [boundary('inferred', 'the shortest text', 'x'.repeat(minLength))] : []),
    ...(maxLength ? [boundary('extension', 'the longest text', 'x'.repeat(maxLength))] : []),
    // A code point counts as one character, whatever the number of its bytes.
    ...(maxLength ? [boundary('extension', 'the longest text of emoji', '\u{1f600}'.repeat(maxLength))] : []),
    ...(isText ? Object.entries(delicateTexts).map(([label, text]) => boundary('inferred', label, text)) : []),
    ...(minimum === undefined ? [] : [boundary('extension', 'the minimum', minimum)]),
    ...(maximum === undefined ? [] : [boundary('extension', 'the maximum', maximum)]),
    ...(schema.enum ?? []).map((value) => boundary('documented', String(value), value)),
  ];
}

/** Returns an object of this many levels, itself included. */
const nest = (depth: number): object => (depth <= 1 ? {} : { a: nest(depth - 1) });
/** Number of bytes of the object around an empty text. */
const frameBytes = JSON.stringify({ a: '' }).length;

/** Returns metadata at its limits and just beyond them. JSON Schema has no keywords for these limits. */
export function metadataBoundaries(schema: Schema): (BoundaryValue & { isValid: boolean })[] {
  const { 'x-max-depth': depth, 'x-max-values': values, 'x-max-bytes': bytes } = schema as Record<string, number>;
  const boundary = (isValid: boolean, label: string, value: object) => ({
    ...{ isValid, label, value },
    level: 'extension' as const,
  });
  return [
    ...(depth
      ? [boundary(true, 'the deepest object', nest(depth)), boundary(false, 'one level too many', nest(depth + 1))]
      : []),
    ...(values
      ? [
          boundary(true, 'the most values', { a: Array(values - 1).fill(0) }),
          boundary(false, 'one value too many', { a: Array(values).fill(0) }),
        ]
      : []),
    ...(bytes
      ? [
          boundary(true, 'the longest object', { a: 'x'.repeat(bytes - frameBytes) }),
          boundary(false, 'one byte too many', { a: 'x'.repeat(bytes - frameBytes + 1) }),
        ]
      : []),
  ];
}

import fc from 'fast-check';
import type { Level, Schema } from './contract.ts';

/** Values for the schemas of the description: what they let through, and what they do not. */

const hasOnlyPairs = (text: string) => !/\p{Surrogate}|\u0000/u.test(text);

/** Any text of a schema: its length counted in characters, its pattern kept. */
function textOf({ minLength = 0, maxLength = 200, pattern }: TextSchema): fc.Arbitrary<string> {
  const isMatch = (text: string) => pattern === undefined || new RegExp(pattern, 'u').test(text);
  return fc
    .string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 60) })
    .filter((text) => hasOnlyPairs(text) && isMatch(text) && [...text].length <= maxLength);
}

/** A JSON object that survives being stored: no `__proto__`, no U+0000, no number that a double does not hold. */
function freeFormObject(): fc.Arbitrary<object> {
  const name = fc
    .string({ unit: 'grapheme', maxLength: 12 })
    .filter((text) => hasOnlyPairs(text) && text !== '__proto__');
  const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((value) => value + 0);
  const leaf = fc.oneof(name, number, fc.boolean(), fc.constant(null));
  const { object } = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
    object: fc.dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: true }),
    value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 4 }), tie('object')),
  }));
  return object;
}

interface TextSchema {
  minLength?: number;
  maxLength?: number;
  pattern?: string;
}

/** Any value that a schema lets through. Knows the keywords that the description uses. */
export function validValue(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const { minimum = 0, maximum = 1_000 } = schema as { minimum?: number; maximum?: number };
  if (schema.type === 'string') return textOf(schema as TextSchema);
  if (schema.type === 'integer') return fc.integer({ min: minimum, max: maximum });
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'object') return freeFormObject();
  throw new Error(`no values are known for the type ${schema.type}`);
}

/** A value that breaks a schema, and the keyword that it breaks. */
export interface InvalidValue {
  readonly keyword: string;
  readonly label: string;
  readonly value: unknown;
}

/** One value of every JSON type. */
const specimens: Readonly<Record<string, unknown>> = {
  null: null,
  boolean: true,
  integer: 42,
  string: 'text',
  array: [],
  object: { a: 1 },
};

/** Values of other types, outside the list, too short, too long, too small, too large. */
export function invalidValues(schema: Schema): InvalidValue[] {
  const { type, minLength, maxLength, minimum, maximum } = schema as Schema & TextSchema & Record<string, number>;
  const otherTypes = Object.entries(specimens).filter(([name]) => name !== (type as unknown as string));
  return [
    ...otherTypes.map(([name, value]) => ({ keyword: value === null ? 'null' : 'type', label: name, value })),
    ...(schema.enum ? [{ keyword: 'enum', label: 'a value outside the list', value: 'no-such-value' }] : []),
    ...(minLength ? [{ keyword: 'minLength', label: 'an empty string', value: '' }] : []),
    ...(maxLength ? [{ keyword: 'maxLength', label: 'one character too many', value: 'x'.repeat(maxLength + 1) }] : []),
    ...(schema.pattern === '[^*]' ? [{ keyword: 'pattern', label: 'the mask', value: '*'.repeat(10) }] : []),
    ...(minimum === undefined ? [] : [{ keyword: 'minimum', label: 'below the least', value: minimum - 1 }]),
    ...(maximum === undefined ? [] : [{ keyword: 'maximum', label: 'above the most', value: maximum + 1 }]),
  ];
}

/** A value at the edge of what a schema lets through. */
export interface EdgeValue {
  readonly label: string;
  readonly value: unknown;
  /** Where it comes from that it is let through. */
  readonly level: Level;
}

/** Text that a careless implementation changes: blanks around it, letters that have several spellings. */
const delicateTexts: Readonly<Record<string, string>> = {
  'blanks around it': '  two words ',
  'letters of many kinds': 'e\u0301 \u00e9 \u1e9e \u0130 \u05e9\u05dc\u05d5\u05dd \u{1f600} <b>&amp;</b> %41 \\n "\'',
};

/** The shortest and the longest, the least and the most that a schema lets through, and text that is easily spoiled. */
export function edgeValues(schema: Schema): EdgeValue[] {
  const { type, minLength, maxLength, minimum, maximum } = schema as Schema & TextSchema & Record<string, number>;
  const isText = (type as unknown as string) === 'string' && schema.enum === undefined;
  const edge = (level: Level, label: string, value: unknown): EdgeValue => ({ level, label, value });
  return [
    ...(minLength ? [edge('inferred', 'the shortest', 'x'.repeat(minLength))] : []),
    ...(maxLength ? [edge('extension', 'the longest', 'x'.repeat(maxLength))] : []),
    // A character counts as one, whatever it takes to store it.
    ...(maxLength ? [edge('extension', 'the longest of emoji', '\u{1f600}'.repeat(maxLength))] : []),
    ...(isText ? Object.entries(delicateTexts).map(([label, text]) => edge('inferred', label, text)) : []),
    ...(minimum === undefined ? [] : [edge('extension', 'the least', minimum)]),
    ...(maximum === undefined ? [] : [edge('extension', 'the most', maximum)]),
    ...(schema.enum ?? []).map((value) => edge('documented', String(value), value)),
  ];
}

/** A nested object of this many levels, itself included. */
const nest = (depth: number): object => (depth <= 1 ? {} : { a: nest(depth - 1) });
const frame = JSON.stringify({ a: '' }).length;

/** Metadata at its limits, which JSON Schema has no keywords for, and just beyond them. */
export function metadataEdges(schema: Schema): (EdgeValue & { isValid: boolean })[] {
  const { 'x-max-depth': depth, 'x-max-values': values, 'x-max-bytes': bytes } = schema as Record<string, number>;
  const edge = (isValid: boolean, label: string, value: object) => ({
    ...{ isValid, label, value },
    level: 'extension' as const,
  });
  return [
    ...(depth
      ? [edge(true, 'the deepest object', nest(depth)), edge(false, 'one level too many', nest(depth + 1))]
      : []),
    ...(values
      ? [
          edge(true, 'the most values', { a: Array(values - 1).fill(0) }),
          edge(false, 'one value too many', { a: Array(values).fill(0) }),
        ]
      : []),
    ...(bytes
      ? [
          edge(true, 'the longest object', { a: 'x'.repeat(bytes - frame) }),
          edge(false, 'one byte too many', { a: 'x'.repeat(bytes - frame + 1) }),
        ]
      : []),
  ];
}

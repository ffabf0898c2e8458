/** Pairs of keywords, references and values within a schema. Each was rated by hand before it was compared. */
import type { Rating } from '../../openapi/diff/finding.ts';
import type { Edit, Row } from './diff-edit-places.ts';
import { array, inRequest, inResponse, object, ref, schemas, string, text } from './diff-edit-places.ts';

const req = (name: string, before: unknown, after: unknown): Row => [name, inRequest(after), inRequest(before)];
const res = (name: string, before: unknown, after: unknown): Row => [
  `${name} in a response`,
  inResponse(after),
  inResponse(before),
];
const both = (name: string, before: unknown, after: unknown): Row[] => [
  req(name, before, after),
  res(name, before, after),
];

const number = { type: 'integer' };
const kind = (value: string, more: object = {}) =>
  object({ required: ['kind'], properties: { kind: { const: value }, ...more } });
const twice = (one: string, other = '^b') => ({ allOf: ['^a', one, other].map((pattern) => string({ pattern })) });
/** A schema that responses use too, where fewer values are an addition. */
const fewer: Edit = [`${schemas}/Health/minProperties`, 1];
const within = (name: string, schema: (health: object) => unknown): Row => [
  `fewer values within ${name}`,
  fewer,
  inRequest(schema(ref('schemas', 'Health'))),
];

export const pairRows: Record<Rating, Row[]> = {
  patch: [
    ...both('no type beside values of this type', string({ enum: ['a'] }), { enum: ['a'] }),
    ...both('a type beside values of this type', { enum: ['a', 1] }, { enum: [1, 'a'], type: ['string', 'integer'] }),
    ...both('an allOf within an allOf', string({ maxLength: 5 }), { allOf: [{ allOf: [text] }, { maxLength: 5 }] }),
    ...both('another order of allOf', { allOf: [text, { maxLength: 5 }] }, { allOf: [{ maxLength: 5 }, text] }),
    ...both('items that are true', { type: 'array' }, { type: 'array', items: true }),
    ...both('words of a branch of not', { not: string({ title: 'a' }) }, { not: string({ title: 'b' }) }),
    req('writeOnly where nothing is read', text, string({ writeOnly: true })),
    req('no writeOnly where nothing is read', string({ writeOnly: true }), text),
    res('readOnly where nothing is sent', text, string({ readOnly: true })),
    res('no readOnly where nothing is sent', string({ readOnly: true }), text),
  ],
  minor: [
    req(
      'a further branch that a discriminator chooses',
      { oneOf: [kind('a'), object({})], discriminator: { propertyName: 'kind' } },
      { oneOf: [kind('a'), object({}), object({ maxProperties: 3 })], discriminator: { propertyName: 'kind' } },
    ),
    req(
      'a further branch of other values',
      { oneOf: [{ enum: ['a'] }, { enum: ['b', 'c'] }] },
      { oneOf: [{ enum: ['a'] }, { enum: ['b', 'c'] }, { const: 'd' }] },
    ),
    req(
      'a named property of a map of its type',
      object({ additionalProperties: text }),
      object({ additionalProperties: text, properties: { a: text } }),
    ),
    res(
      'a named property of a map of its type',
      object({ additionalProperties: text }),
      object({ additionalProperties: text, properties: { a: text } }),
    ),
    res(
      'a named property of an open map',
      object({ additionalProperties: true }),
      object({ additionalProperties: true, properties: { a: text } }),
    ),
    req(
      'a further branch with a constant of its own',
      { oneOf: [kind('a'), kind('b')] },
      { oneOf: [kind('a'), kind('b'), kind('c')] },
    ),
    req(
      'a wider branch with a constant of its own',
      { oneOf: [kind('a', { n: string({ maxLength: 1 }) }), kind('b')] },
      { oneOf: [kind('a', { n: string({ maxLength: 2 }) }), kind('b')] },
    ),
    req('any text for its values without a type', { enum: ['a'] }, text),
    res('values without a type for any text', text, { enum: ['a'] }),
    req('no writeOnly and a longer text', string({ writeOnly: true, maxLength: 1 }), string({ maxLength: 2 })),
  ],
  major: [
    ...both(
      'another of two branches with a limit',
      { anyOf: [string({ pattern: '^a' }), string({ maxLength: 5 })] },
      { anyOf: [string({ pattern: '^b' }), string({ maxLength: 9 })] },
    ),
    within('dependent schemas', (health) => object({ dependentSchemas: { title: health } })),
    within('content in a text', (health) => string({ contentSchema: health })),
    within('a not of an array', (health) => array({ not: { contains: health } })),
    req(
      'a branch that a constant does not tell apart',
      { oneOf: [kind('a'), kind('b')] },
      { oneOf: [kind('a'), kind('b'), kind('b', { n: text })] },
    ),
    req(
      'a branch whose constant may be left out',
      { oneOf: [kind('a'), kind('b')] },
      { oneOf: [kind('a'), kind('b'), object({ properties: { kind: { const: 'c' } } })] },
    ),
    ...both('a branch that others match too', { oneOf: [text] }, { oneOf: [text, string({ maxLength: 3 })] }),
    ...both('a branch less that others match too', { oneOf: [text, string({ maxLength: 3 })] }, { oneOf: [text] }),
    ...both(
      'a wider branch that meets another',
      {
        oneOf: [
          { ...number, maximum: 5 },
          { ...number, minimum: 6 },
        ],
      },
      {
        oneOf: [
          { ...number, maximum: 5 },
          { ...number, minimum: 3 },
        ],
      },
    ),
    ...both(
      'an anyOf for a oneOf',
      { oneOf: [text, string({ maxLength: 3 })] },
      { anyOf: [text, string({ maxLength: 3 })] },
    ),
    ...both('another of three patterns', twice('^c'), twice('^d')),
    ...both(
      'another list of values under the name of a keyword',
      string({ const: { type: ['a', 'b'] } }),
      string({ const: { type: ['b', 'a'] } }),
    ),
    req(
      'a default in another order',
      array({ default: { tags: ['a', 'b'] } }),
      array({ default: { tags: ['b', 'a'] } }),
    ),
    ...both(
      'a condition of a property named title',
      object({ if: { properties: { title: { const: 1 } } } }),
      object({ if: { properties: { title: { const: 2 } } } }),
    ),
    ...both(
      'a property named summary that needs another',
      object({ dependentRequired: { summary: ['a'] } }),
      object({ dependentRequired: { summary: ['b'] } }),
    ),
    ...both(
      'schemas that need a property named example',
      object({ dependentSchemas: { example: { required: ['a'] } } }),
      object({ dependentSchemas: { example: { required: ['b'] } } }),
    ),
    ...both(
      'a value with a member named title',
      { not: { const: { title: 'a' } } },
      { not: { const: { title: 'b' } } },
    ),
    ...both(
      'definitions of a schema',
      object({ $defs: { description: text } }),
      object({ $defs: { description: number } }),
    ),
    ...both(
      'a named property of a map of another type',
      object({ additionalProperties: text }),
      object({ additionalProperties: text, properties: { a: number } }),
    ),
    req(
      'a named property of an open map',
      object({ additionalProperties: true }),
      object({ additionalProperties: true, properties: { a: text } }),
    ),
    res('an open map that is closed', object({ additionalProperties: true }), object({ additionalProperties: false })),
    req(
      'a required property that was only read',
      object({ required: ['a'], properties: { a: string({ readOnly: true }) } }),
      object({ required: ['a'], properties: { a: text } }),
    ),
    req('a flag for a limit', { ...number, exclusiveMaximum: true }, { ...number, exclusiveMaximum: false }),
    req(
      'a property beside a branch with it',
      {
        properties: { a: string({ maxLength: 5 }) },
        anyOf: [object({ properties: { a: string({ maxLength: 9 }) } }), { type: 'null' }],
      },
      {
        properties: { a: string({ maxLength: 3 }) },
        anyOf: [object({ properties: { a: string({ maxLength: 9 }) } }), { type: 'null' }],
      },
    ),
    req('a longer text with a pattern', string({ maxLength: 5 }), string({ maxLength: 9, pattern: '^a' })),
    req(
      'a limit that moves from the items to the list',
      array({ items: string({ maxLength: 5 }) }),
      array({ maxItems: 5 }),
    ),
    ...both(
      'an exclusive limit in place of another',
      { ...number, minimum: 5, maximum: 9 },
      { ...number, exclusiveMinimum: 5, maximum: 9 },
    ),
    req('one type for values of two', { enum: ['a', 1] }, { enum: ['a', 1], type: 'string' }),
    req(
      'null that is a value but no type',
      { type: ['string', 'null'], enum: ['a', null] },
      string({ enum: ['a', null] }),
    ),
    ...both(
      'a discriminator with a further member',
      { oneOf: [kind('a')], discriminator: { propertyName: 'kind' } },
      { oneOf: [kind('a')], discriminator: { propertyName: 'kind', defaultMapping: 'A' } },
    ),
    req(
      'properties of an allOf that are closed',
      { allOf: [object({ properties: { a: text } })] },
      { allOf: [object({ properties: { a: text } })], unevaluatedProperties: false },
    ),
    req(
      'a map of texts for one of anything',
      object({ additionalProperties: {} }),
      object({ additionalProperties: text }),
    ),
    within('patterns of properties', (health) => object({ patternProperties: { '^a': health } })),
    within('contained items', (health) => array({ items: {}, contains: health })),
    within('a tuple', (health) => array({ items: {}, prefixItems: [health] })),
    within('a condition', (health) => ({ if: { required: ['a'] }, else: health })),
    within('an allOf with items', (health) => ({ allOf: [array({ items: health }), { items: object({}) }] })),
  ],
};

/** Changes of a schema, each in a request and in a response. */
import type { Rating } from '../../openapi/diff/finding.ts';
import { array, both, object, type Row, ref, string, text } from './diff-edit-places.ts';

/** Changes by which a schema accepts more values. The opposite of each accepts fewer. */
const wider = [
  ['a higher maxLength', string({ maxLength: 5 }), string({ maxLength: 9 })],
  ['no maxLength', string({ maxLength: 5 }), text],
  ['a lower minLength', string({ minLength: 5 }), string({ minLength: 2 })],
  ['no pattern', string({ pattern: '^a' }), text],
  ['no format', string({ format: 'uuid' }), text],
  ['another enum value', string({ enum: ['a'] }), string({ enum: ['a', 'b'] })],
  ['no enum', string({ enum: ['a'] }), text],
  ['no const', string({ const: 'a' }), text],
  ['an enum for a const', string({ const: 'a' }), string({ enum: ['a', 'b'] })],
  ['a higher maximum', { type: 'integer', maximum: 5 }, { type: 'integer', maximum: 6 }],
  ['no exclusiveMaximum', { type: 'integer', exclusiveMaximum: 5 }, { type: 'integer' }],
  ['a lower minimum', { type: 'integer', minimum: 5 }, { type: 'integer', minimum: -5 }],
  ['no exclusiveMinimum', { type: 'integer', exclusiveMinimum: 5 }, { type: 'integer' }],
  ['numbers for integers', { type: 'integer' }, { type: 'number' }],
  ['null as well', text, { type: ['string', 'null'] }],
  ['any type', text, {}],
  ['a divisor for multipleOf', { type: 'integer', multipleOf: 10 }, { type: 'integer', multipleOf: 5 }],
  ['no multipleOf', { type: 'integer', multipleOf: 10 }, { type: 'integer' }],
  ['more items', array({ maxItems: 5 }), array({ maxItems: 6 })],
  ['no minItems', array({ minItems: 1 }), array({})],
  ['repeated items', array({ uniqueItems: true }), array({})],
  ['any items', array({}), { type: 'array' }],
  ['longer items', array({ items: string({ maxLength: 1 }) }), array({ items: string({ maxLength: 2 }) })],
  ['more properties', object({ maxProperties: 1 }), object({ maxProperties: 2 })],
  ['fewer properties', object({ minProperties: 2 }), object({ minProperties: 1 })],
  ['other properties', object({ additionalProperties: false }), object({})],
  ['any other properties', object({ additionalProperties: text }), object({ additionalProperties: true })],
  ['a property that is not required', object({ required: ['a'] }), object({ required: [] })],
  ['a higher maxContains', array({ contains: text, maxContains: 2 }), array({ contains: text, maxContains: 3 })],
  ['a lower minContains', array({ contains: text, minContains: 3 }), array({ contains: text, minContains: 2 })],
  ['another branch of anyOf', { anyOf: [{ type: 'integer' }] }, { anyOf: [{ type: 'integer' }, { type: 'null' }] }],
  ['another branch of oneOf', { oneOf: [{ type: 'integer' }] }, { oneOf: [{ type: 'null' }, { type: 'integer' }] }],
  ['no anyOf', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, {}],
  [
    'a longer branch',
    { anyOf: [{ type: 'null' }, string({ maxLength: 1 })] },
    { anyOf: [{ type: 'null' }, string({ maxLength: 2 })] },
  ],
  [
    'an enum value beside a text in another branch',
    { anyOf: [object({ properties: { a: string({ enum: ['x'] }) } }), text] },
    { anyOf: [object({ properties: { a: string({ enum: ['x', 'y'] }) } }), text] },
  ],
] as const;

/** Changes of schemas that no rule knows. */
const unclear = [
  ['another pattern', string({ pattern: '^a' }), string({ pattern: '^b' })],
  ['another format', string({ format: 'uuid' }), string({ format: 'uri' })],
  ['another type', text, { type: 'integer' }],
  ['other values', string({ enum: ['a'] }), string({ enum: ['b'] })],
  ['another const', string({ const: 'a' }), string({ const: 'b' })],
  ['another multipleOf', { type: 'integer', multipleOf: 3 }, { type: 'integer', multipleOf: 2 }],
  ['contains', array({}), array({ contains: string({ pattern: 'a' }) })],
  ['no contains', array({ contains: string({ pattern: 'a' }) }), array({})],
  ['prefixItems', array({}), array({ prefixItems: [text] })],
  ['patternProperties', object({}), object({ patternProperties: { '^a': text } })],
  ['no patternProperties', object({ patternProperties: { '^a': text } }), object({})],
  ['propertyNames', object({}), object({ propertyNames: { maxLength: 3 } })],
  ['dependentRequired', object({}), object({ dependentRequired: { a: ['b'] } })],
  ['no dependentRequired', object({ dependentRequired: { a: ['b'] } }), object({})],
  ['dependentSchemas', object({}), object({ dependentSchemas: { a: { required: ['b'] } } })],
  ['not', text, string({ not: { const: 'a' } })],
  ['no not', string({ not: { const: 'a' } }), text],
  ['if', text, string({ if: { minLength: 2 }, else: { pattern: 'a' } })],
  ['no if', string({ if: { minLength: 2 }, else: { pattern: 'a' } }), text],
  ['contentSchema', text, string({ contentSchema: { type: 'object' } })],
  ['no contentSchema', string({ contentSchema: { type: 'object' } }), text],
  ['contentMediaType', text, string({ contentMediaType: 'application/json' })],
  ['contentEncoding', text, string({ contentEncoding: 'base64' })],
  ['unevaluatedItems', array({}), array({ unevaluatedItems: false })],
  ['an unknown keyword', text, string({ nullable: true })],
  ['an unknown extension', text, string({ 'x-nullable': true })],
  ['no unknown extension', string({ 'x-nullable': true }), text],
  ['a discriminator', { oneOf: [object({})] }, { oneOf: [object({})], discriminator: { propertyName: 'kind' } }],
  [
    'another propertyName',
    { oneOf: [object({})], discriminator: { propertyName: 'kind' } },
    { oneOf: [object({})], discriminator: { propertyName: 'type' } },
  ],
  ['xml', text, string({ xml: { name: 'a' } })],
] as const;

/** Changes that leave a schema as it is. */
const same = [
  ['a minLength of 0', text, string({ minLength: 0 })],
  ['a minItems of 0', array({}), array({ minItems: 0 })],
  ['uniqueItems that is false', array({}), array({ uniqueItems: false })],
  ['additionalProperties that are true', object({}), object({ additionalProperties: true })],
  ['an enum for the const', string({ const: 'a' }), string({ enum: ['a'] })],
  ['a list of one type', text, { type: ['string'] }],
  ['another order of types', { type: ['string', 'null'] }, { type: ['null', 'string'] }],
  ['a $ref within allOf', ref('schemas', 'Health'), { allOf: [ref('schemas', 'Health')] }],
  [
    'a schema in place of a $ref',
    string({ $ref: '#/components/schemas/HealthStatus' }),
    ref('schemas', 'HealthStatus'),
  ],
  [
    'an allOf that says it twice',
    string({ maxLength: 5 }),
    { allOf: [string({ maxLength: 5 }), string({ maxLength: 9 })] },
  ],
  [
    'another order of branches',
    { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    { anyOf: [{ type: 'null' }, { type: 'integer' }] },
  ],
  ['a description', text, string({ description: 'A text.' })],
  ['a title', text, string({ title: 'Extra' })],
  ['an example', text, string({ examples: ['a'] })],
  ['a comment', text, string({ $comment: 'a' })],
  ['words within not', string({ not: { const: 'a' } }), string({ not: { const: 'a', description: 'No.' } })],
  ['an enum beside the text', { anyOf: [string({ enum: ['a'] }), text] }, text],
] as const;

const pairs = (changes: readonly (readonly [string, unknown, unknown])[]) =>
  changes.map(([name, before, after]) => both(name, before, after));
const invert = (changes: typeof wider) =>
  changes.map(([name, before, after]) => both(`the opposite of ${name}`, after, before));

/** Changes of a schema, in a request and in a response, by rating. */
export const schemaRows: Record<Rating, Row[]> = {
  patch: pairs(same).flatMap(({ request, response }) => [request, response]),
  minor: [...pairs(wider).map(({ request }) => request), ...invert(wider).map(({ response }) => response)],
  major: [
    ...pairs(wider).map(({ response }) => response),
    ...invert(wider).map(({ request }) => request),
    ...pairs(unclear).flatMap(({ request, response }) => [request, response]),
  ],
};

/** A schema before and after a change, and the rating where callers send it and where the server does. */
export interface SchemaEdit {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly request: Rating;
  readonly response: Rating;
}

const rate = (changes: readonly (readonly [string, unknown, unknown])[], request: Rating, response: Rating) =>
  changes.map(([name, before, after]): SchemaEdit => ({ name, before, after, request, response }));

/** The same changes as schemas alone. */
export const schemaEdits: readonly SchemaEdit[] = [
  ...rate(wider, 'minor', 'major'),
  ...rate(
    wider.map(([name, before, after]) => [`the opposite of ${name}`, after, before] as const),
    ...(['major', 'minor'] as const),
  ),
  ...rate(unclear, 'major', 'major'),
  ...rate(same, 'patch', 'patch'),
];

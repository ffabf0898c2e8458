// @databases none
import { describe, expect, test } from 'vitest';
import { type FlatSchema, flatten, follow, lookUp } from '../../openapi/diff/flatten.ts';
import type { Bundle } from '../../openapi/generate/bundle.ts';

const name = { type: 'string', maxLength: 5 };
const ref = (to: string) => ({ $ref: `#/components/schemas/${to}` });
const schemas = {
  Name: name,
  Alias: ref('Name'),
  'a/b~1 c': name,
  '~': name,
  Loop: { allOf: [ref('Loop')], minLength: 1 },
};
const bundle: Bundle = JSON.parse(
  JSON.stringify({ openapi: '3.1.0', info: { title: 'A', x: null }, tags: [name], paths: {}, components: { schemas } }),
);
const sideOf = () => ({ bundle, reached: new Set<string>() });

/** Returns the keywords of a flat schema, and the schemas of its properties. */
const show = ({ keywords, properties }: FlatSchema) => ({
  ...Object.fromEntries([...keywords].map(([keyword, { node }]) => [keyword, node])),
  ...(properties.size > 0 && {
    properties: Object.fromEntries([...properties].map(([key, list]) => [key, list.map(({ node }) => node)])),
  }),
});
const flat = (...nodes: unknown[]) =>
  show(
    flatten(
      sideOf(),
      nodes.map((node, index) => ({ node, pointer: `#/${index}` })),
    ),
  );

describe('one schema says what', () => {
  test.each<[unknown, object]>([
    [{ allOf: [{ maxLength: 5 }, { maxLength: 9 }] }, { maxLength: 5 }],
    [{ allOf: [{ maxLength: 9 }, { maxLength: 5 }] }, { maxLength: 5 }],
    [{ required: ['a'], allOf: [{ required: ['b', 'a'] }] }, { required: ['a', 'b'] }],
    [{ required: ['a', 'b'], allOf: [{ required: ['b', 'a'] }] }, { required: ['a', 'b'] }],
    [{ pattern: 'a', allOf: [{ pattern: 'a' }] }, { pattern: 'a' }],
    [
      { pattern: 'a', allOf: [{ pattern: 'b' }, { pattern: 'c' }] },
      { pattern: 'a', 'pattern and pattern': ['b', 'c'] },
    ],
    [
      { x: 1, allOf: [{ x: 2 }] },
      { x: 1, 'x and x': [2] },
    ],
    [{ title: 'a', allOf: [{ title: 'b' }] }, { title: 'a' }],
    [{ 'x-logo': 'a', allOf: [{ 'x-logo': 'b' }] }, { 'x-logo': 'a' }],
    [{ deprecated: false, allOf: [{ deprecated: true }] }, { deprecated: false }],
    [{ const: 1 }, { enum: [1] }],
    [true, {}],
    [false, { not: {} }],
    [null, {}],
    [
      { properties: { a: { x: 1 } }, allOf: [{ properties: { a: { x: 2 }, b: {} } }] },
      { properties: { a: [{ x: 1 }, { x: 2 }], b: [{}] } },
    ],
    [
      { ...ref('Alias'), maxLength: 3 },
      { type: 'string', maxLength: 3 },
    ],
    [ref('Loop'), { minLength: 1 }],
  ])('%j does', (schema, result) => {
    expect(flat(schema)).toEqual(result);
  });

  test('several say together', () => {
    expect(flat({ maxLength: 5 }, { minLength: 1 })).toEqual({ maxLength: 5, minLength: 1 });
  });
});

describe('branches of different types are one schema', () => {
  test.each<[object, object]>([
    [
      {
        anyOf: [
          { type: 'string', maxLength: 1 },
          { type: 'integer', maximum: 2 },
        ],
      },
      { type: ['string', 'integer'], maxLength: 1, maximum: 2 },
    ],
    [{ oneOf: [{ type: 'integer' }] }, { type: 'integer' }],
    [
      {
        properties: { a: { x: 1 } },
        anyOf: [{ type: 'object', properties: { a: { x: 2 }, b: {} } }, { type: 'null' }],
      },
      { type: ['object', 'null'], properties: { a: [{ x: 1 }, { x: 2 }], b: [{}] } },
    ],
  ])('%j', (schema, result) => {
    expect(flat(schema)).toEqual(result);
  });

  const keywords = { enum: [1], not: {}, anyOf: [{}], oneOf: [{}], if: {}, format: 'date', discriminator: {} };
  test.each([
    ...Object.entries(keywords).map(([keyword, value]) => ({
      anyOf: [{ type: 'null' }, { type: 'object', [keyword]: value }],
    })),
    { anyOf: [{ type: 'null' }, { type: 'string', allOf: [{ type: 'boolean' }] }] },
    { anyOf: [{ type: 'integer' }, { type: 'number' }] },
    { anyOf: [{ type: 'null' }, { type: ['integer', 'string'] }] },
    { anyOf: [{ type: 'null' }, { maxLength: 1 }] },
    { anyOf: [{ type: 'null' }, { type: 'null' }] },
    { anyOf: [] },
    { type: ['null', 'object'], anyOf: [{ type: 'null' }, { type: 'object' }] },
    { discriminator: { propertyName: 'a' }, oneOf: [{ type: 'null' }, { type: 'object' }] },
  ])('but not %j', (schema) => {
    expect(flat(schema)).toEqual(schema);
  });
});

describe('known strings and any other are a string', () => {
  test.each([
    [{ type: 'string' }, { const: 'a' }],
    [{ enum: ['a', 'b'] }, { type: 'string', title: 'A', 'x-logo': 1, deprecated: true }],
    [{ type: 'string' }, { type: 'string', maxLength: 1 }],
    [ref('Name'), { type: 'string' }],
  ])('%j', (...anyOf) => {
    expect(flat({ anyOf })).toEqual({ type: 'string' });
  });

  test.each([
    [{ type: 'string' }, { enum: ['a', 1] }],
    [{ type: 'string' }, { enum: [1] }],
    [{ type: 'string' }, { title: 'a' }],
    [{ const: 'a' }, { type: 'string', maxLength: 1 }],
    [{ const: 'a' }, { type: 'string', properties: { a: {} } }],
    [{ const: 'a' }, { title: 'a' }],
  ])('but not %j and %j', (...anyOf) => {
    expect(flat({ anyOf })).toEqual({ anyOf });
  });
});

describe('a pointer', () => {
  test.each([
    ['#/components/schemas/Name', name],
    ['#/components/schemas/a~1b~01%20c', name],
    ['#/components/schemas/~0', name],
    ['#/tags/0', name],
    ['#/info/title', 'A'],
    ['#/info/x', null],
  ])('%s leads to a node', (pointer, node) => {
    expect(lookUp(sideOf(), pointer)).toEqual({ node, pointer });
  });

  test.each(['#/components/schemas/None', '#/none/Name', '#/info/title/length', '#/info/x/y', '#/tags/1'])(
    '%s leads nowhere',
    (pointer) => {
      expect(() => lookUp(sideOf(), pointer)).toThrow(`${pointer} points nowhere.`);
    },
  );

  test('is followed to its end, and marked', () => {
    const side = sideOf();
    const pointers = ['Alias', 'Name'].map((to) => `#/components/schemas/${to}`);
    expect(follow(side, { node: ref('Alias'), pointer: '#' })).toEqual({ node: name, pointer: pointers[1] });
    expect([...side.reached]).toEqual(pointers);
    flatten(side, [{ node: ref('Loop'), pointer: '#' }]);
    expect(side.reached).toContain('#/components/schemas/Loop');
    for (const node of [name, 'a', null, { $ref: 1 }])
      expect(follow(side, { node, pointer: '#' })).toEqual({ node, pointer: '#' });
  });
});

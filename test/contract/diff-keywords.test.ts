// @databases none
import { describe, expect, test } from 'vitest';
import type { Bundle } from '../../openapi/generate/bundle.ts';
import { compare, lineOf } from './diff-schema-comparison.ts';

const ref = (to: string) => ({ $ref: `#/components/schemas/${to}` });
const schemas = {
  Name: { type: 'string' },
  Tree: { properties: { child: ref('Tree') } },
  Part: { properties: { p: { maxLength: 3 } } },
};
const bundle: Bundle = JSON.parse(JSON.stringify({ paths: {}, components: { schemas } }));

const unknown = '(no rule knows that it is harmless)';
const narrower = '(a request that was valid may be rejected)';
const wider = '(a response may hold what callers do not expect)';

type Lines = string | string[];
/** Changes of a schema, the lines about them in a request, and those in a response where they differ. */
const reports: readonly [before: unknown, after: unknown, request: Lines, response?: Lines][] = [
  [
    { properties: { a: { readOnly: true } }, required: ['a'] },
    { properties: { a: {} }, required: ['a'] },
    [`major /properties/a: property a has to be sent ${narrower}`, 'minor /properties/a: readOnly was removed'],
    'patch /properties/a: readOnly was removed',
  ],
  [{ items: {} }, {}, 'patch: items was removed'],
  [{ title: 'A' }, {}, 'patch: title was removed'],
  [{ 'x-max-bytes': 5 }, {}, 'minor: x-max-bytes was removed'],
  [{ not: { a: 1 } }, { not: { a: 1 } }, []],
  [{ not: { a: 1 } }, { not: { a: 1, example: 5 } }, 'patch: not changed from {"a":1} to {"a":1,"example":5}'],
  [
    { enum: ['a'] },
    { enum: ['a'], maxLength: 1 },
    `major: maxLength was set to 1 ${narrower}`,
    'minor: maxLength was set to 1',
  ],
  [{}, { discriminator: {} }, `major: discriminator was set to {} ${unknown}`],
  [
    { discriminator: { propertyName: 'a', mapping: { x: 'X' } } },
    { discriminator: { propertyName: 'a', mapping: { x: 'X', y: 'Y' } } },
    'minor: discriminator changed',
  ],
  [
    { oneOf: [{ pattern: 'a' }, { pattern: 'b' }] },
    { oneOf: [{ pattern: 'a' }, { pattern: 'c' }], discriminator: { propertyName: 'a' } },
    [
      `major: branches of oneOf changed of which a value may match several ${unknown}`,
      `major /oneOf/1: pattern changed from "b" to "c" ${unknown}`,
      `major: discriminator was set to {"propertyName":"a"} ${unknown}`,
    ],
  ],
  [
    {
      anyOf: [
        { ...ref('Name'), title: 'a' },
        { ...ref('Part'), title: 'a' },
      ],
    },
    {
      anyOf: [
        { ...ref('Part'), title: 'b' },
        { ...ref('Name'), title: 'b' },
      ],
    },
    ['patch /anyOf/1: title changed from "a" to "b"', 'patch /anyOf/0: title changed from "a" to "b"'],
  ],
  [
    { anyOf: [{ pattern: 'a' }, ref('Name')] },
    { anyOf: [ref('Part'), { pattern: 'b' }] },
    [
      `major /anyOf/1: pattern was set to "b" ${narrower}`,
      'minor /anyOf/0: pattern was removed',
      'minor /components/schemas/Part/properties/p: property p was added',
      'minor /components/schemas/Name: type was removed',
    ],
    [
      `major /anyOf/0: pattern was removed ${wider}`,
      `major /components/schemas/Name: type was removed ${wider}`,
      'minor /components/schemas/Part/properties/p: property p was added',
      'minor /anyOf/1: pattern was set to "b"',
    ],
  ],
];

describe('a comparison', () => {
  test.each(reports)('from %j to %j', (before, after, request, response = request) => {
    expect(compare(before, after, 'request', bundle).map(lineOf)).toEqual([request].flat());
    expect(compare(before, after, 'response', bundle).map(lineOf)).toEqual([response].flat());
  });

  test('of a schema within itself ends', () => {
    expect(compare(ref('Tree'), ref('Tree'), 'request', bundle)).toEqual([]);
  });

  test('takes each pair of schemas once', () => {
    const [a, b] = [1, 2].map((maxLength) => ({ properties: { p: { maxLength } } }));
    const after = { properties: { a: ref('Part'), b: ref('Part') } };
    expect(compare({ properties: { a, b } }, after, 'request', bundle).map(lineOf)).toEqual([
      'minor /components/schemas/Part/properties/p: maxLength changed from 1 to 3',
      'minor /components/schemas/Part/properties/p: maxLength changed from 2 to 3',
    ]);
  });
});

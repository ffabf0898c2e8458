// @databases none
import { expect, test } from 'vitest';
import type { Direction } from '../../openapi/diff/effects.ts';
import { inRequest, inResponse } from './diff-edit-places.ts';
import { ratedEdits } from './diff-edits.ts';
import { compare, lineOf } from './diff-schema-comparison.ts';
import { schemaEdits } from './diff-schema-edits.ts';

// One test for each direction, because a test for each change costs more than the comparison.
test.each(['request', 'response'] as const)('a changed schema in a %s has its rating', (direction) => {
  for (const { name, before, after, [direction]: rating } of schemaEdits) {
    const findings = compare(before, after, direction);
    expect(findings[0]?.rating ?? 'patch', name).toBe(rating);
    const isExplained = findings.every((one) => (one.rating === 'major') === (one.reason !== undefined));
    expect(isExplained, name).toBe(true);
  }
});

// The edits of the bundle that are those of one schema, at a fraction of the cost.
test('an edited schema has the rating of its edit', () => {
  const places = [inRequest({})[0], inResponse({})[0]];
  for (const { name, rating, base, edits } of ratedEdits) {
    const [[place, after] = [], [older, before] = []] = [edits[0], base[0]];
    const isOne = edits.length === 1 && base.length === 1 && place === older && places.includes(place ?? '');
    const findings = isOne ? compare(before, after, place === places[0] ? 'request' : 'response') : [];
    if (isOne) expect(findings[0]?.rating ?? 'patch', name).toBe(rating);
  }
});

type Lines = string | string[];
/** Changes of a schema, the lines about them in a request, and those in a response where they differ. */
const reports: readonly [before: unknown, after: unknown, request: Lines, response?: Lines][] = [
  [
    { maxLength: 5 },
    { maxLength: 9 },
    'minor: maxLength changed from 5 to 9',
    'major: maxLength changed from 5 to 9 (a response may hold what callers do not expect)',
  ],
  [
    { maxLength: 5 },
    {},
    'minor: maxLength was removed',
    'major: maxLength was removed (a response may hold what callers do not expect)',
  ],
  [
    {},
    { maxLength: 5 },
    'major: maxLength was set to 5 (a request that was valid may be rejected)',
    'minor: maxLength was set to 5',
  ],
  [{ pattern: 'a' }, { pattern: 'b' }, 'major: pattern changed from "a" to "b" (no rule knows that it is harmless)'],
  [
    { pattern: 'a'.repeat(38) },
    { pattern: 'b'.repeat(39) },
    'major: pattern changed (no rule knows that it is harmless)',
  ],
  [
    {},
    { pattern: 'b'.repeat(39) },
    'major: pattern was added (a request that was valid may be rejected)',
    'minor: pattern was added',
  ],
  [
    { enum: ['a', 'b'] },
    { enum: ['b', 'c', 'd'] },
    'major: enum: "c" was added, "d" was added, "a" was removed (no rule knows that it is harmless)',
  ],
  [{ enum: ['a', 'b'] }, { enum: ['b', 'a'] }, 'patch: enum has another order'],
  [
    { required: ['a'] },
    { required: ['a', 'b'] },
    'major: required: "b" was added (a request that was valid may be rejected)',
    'minor: required: "b" was added',
  ],
  [
    { type: 'string' },
    { type: ['string', 'null'] },
    'minor: type changed from "string" to ["string","null"]',
    'major: type changed from "string" to ["string","null"] (a response may hold what callers do not expect)',
  ],
  [
    { enum: ['a'] },
    {},
    'minor: enum was removed',
    'major: enum was removed (a response may hold what callers do not expect)',
  ],
  [
    { properties: { a: {} } },
    { properties: { b: {} } },
    ['major /properties/a: property a was removed (callers may send it)', 'minor /properties/b: property b was added'],
    ['major /properties/a: property a was removed (callers may read it)', 'minor /properties/b: property b was added'],
  ],
  [
    { properties: { a: {} }, additionalProperties: false },
    { properties: { a: {}, b: {} }, additionalProperties: false },
    'minor /properties/b: property b was added',
    'major /properties/b: property b was added (no other property was expected)',
  ],
  [
    { properties: { a: {} }, unevaluatedProperties: false },
    { properties: { a: {}, b: {} }, unevaluatedProperties: false },
    'minor /properties/b: property b was added',
    'major /properties/b: property b was added (no other property was expected)',
  ],
  [
    { properties: { 'a/b~c': { maxLength: 1 } } },
    { properties: { 'a/b~c': { maxLength: 2 } } },
    'minor /properties/a~1b~0c: maxLength changed from 1 to 2',
    'major /properties/a~1b~0c: maxLength changed from 1 to 2 (a response may hold what callers do not expect)',
  ],
  [
    { items: { maxLength: 1 } },
    { items: { maxLength: 2 } },
    'minor /items: maxLength changed from 1 to 2',
    'major /items: maxLength changed from 1 to 2 (a response may hold what callers do not expect)',
  ],
  [{ items: {} }, { items: true }, 'patch: items changed from {} to true'],
  [{}, { items: {} }, 'patch: items was set to {}'],
  [
    { items: false },
    { items: { a: 1 } },
    'minor: items changed from false to {"a":1}',
    'major: items changed from false to {"a":1} (a response may hold what callers do not expect)',
  ],
  [
    { items: { maxLength: 1 } },
    { items: false },
    'major: items changed from {"maxLength":1} to false (a request that was valid may be rejected)',
    'major: items changed from {"maxLength":1} to false (no rule knows that it is harmless)',
  ],
  [
    { items: { maxLength: 1 } },
    {},
    'minor: items was removed',
    'major: items was removed (a response may hold what callers do not expect)',
  ],
  [{ additionalProperties: true }, { additionalProperties: {} }, 'patch: additionalProperties changed from true to {}'],
  [
    { unevaluatedProperties: false },
    {},
    'minor: unevaluatedProperties was removed',
    'major: unevaluatedProperties was removed (a response may hold what callers do not expect)',
  ],
  [
    { anyOf: [{ type: 'null' }, { type: 'integer' }] },
    { anyOf: [{ type: 'integer' }] },
    'major /anyOf: type changed from ["null","integer"] to "integer" (a request that was valid may be rejected)',
    'minor /anyOf: type changed from ["null","integer"] to "integer"',
  ],
  [
    { anyOf: [{ type: 'null' }] },
    { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    'minor /anyOf: type changed from "null" to ["integer","null"]',
    'major /anyOf: type changed from "null" to ["integer","null"] (a response may hold what callers do not expect)',
  ],
  [
    {},
    { oneOf: [{ type: 'null' }] },
    'major /oneOf: type was set to "null" (a request that was valid may be rejected)',
    'minor /oneOf: type was set to "null"',
  ],
  [
    { anyOf: [{ maxLength: 1 }, { pattern: 'a' }] },
    { anyOf: [{ pattern: 'a' }] },
    'major /anyOf/0: a branch of anyOf was removed (a request that was valid may be rejected)',
    'minor /anyOf/0: a branch of anyOf was removed',
  ],
  [
    { anyOf: [{ maxLength: 1 }, { pattern: 'a' }] },
    { anyOf: [{ pattern: 'a' }, { pattern: 'b' }, { maxLength: 1 }] },
    'minor /anyOf/1: a branch of anyOf was added',
    'major /anyOf/1: a branch of anyOf was added (a response may hold what callers do not expect)',
  ],
  [
    {},
    { oneOf: [{ pattern: 'a' }, { pattern: 'b' }] },
    'major: oneOf was set to [{"pattern":"a"},{"pattern":"b"}] (a request that was valid may be rejected)',
    'minor: oneOf was set to [{"pattern":"a"},{"pattern":"b"}]',
  ],
  [
    { anyOf: [{ pattern: 'a' }, { pattern: 'b' }] },
    {},
    'minor: anyOf was removed',
    'major: anyOf was removed (a response may hold what callers do not expect)',
  ],
  [
    { anyOf: [{ pattern: 'a' }, { maxLength: 1 }] },
    { anyOf: [{ maxLength: 2 }, { pattern: 'a' }] },
    'minor /anyOf/0: maxLength changed from 1 to 2',
    'major /anyOf/0: maxLength changed from 1 to 2 (a response may hold what callers do not expect)',
  ],
  [
    { oneOf: [{ $ref: '#/components/schemas/ClientSecret' }, { $ref: '#/components/schemas/Name' }] },
    { oneOf: [{ $ref: '#/components/schemas/Name' }, { $ref: '#/components/schemas/ClientSecret' }] },
    [],
  ],
  [
    { discriminator: { propertyName: 'a' } },
    { discriminator: { propertyName: 'a', mapping: { x: 'X' } } },
    'minor: discriminator changed from {"propertyName":"a"} to {"propertyName":"a","mapping":{"x":"X"}}',
  ],
  [
    { discriminator: { propertyName: 'a', mapping: { x: 'X' } } },
    { discriminator: { propertyName: 'a', mapping: { x: 'Y' } } },
    'major: discriminator changed from {"propertyName":"a","mapping":{"x":"X"}} to {"propertyName":"a","mapping":{"x":"Y"}} (no rule knows that it is harmless)',
  ],
  [
    {},
    { discriminator: { propertyName: 'a' } },
    'major: discriminator was set to {"propertyName":"a"} (no rule knows that it is harmless)',
  ],
  [
    { discriminator: { propertyName: 'a' } },
    {},
    'major: discriminator was removed (no rule knows that it is harmless)',
  ],
  [{}, { readOnly: true }, 'major: readOnly was set to true (callers may send it)', 'patch: readOnly was set to true'],
  [{ readOnly: true }, {}, 'minor: readOnly was removed', 'patch: readOnly was removed'],
  [{}, { readOnly: false }, 'patch: readOnly was set to false'],
  [
    {},
    { writeOnly: true },
    'patch: writeOnly was set to true',
    'major: writeOnly was set to true (callers may read it)',
  ],
  [
    { writeOnly: true },
    { writeOnly: false },
    'patch: writeOnly changed from true to false',
    'minor: writeOnly changed from true to false',
  ],
  [{}, { deprecated: true }, 'minor: deprecated was set to true'],
  [
    {},
    { default: 1 },
    'major: default was set to 1 (no rule knows that it is harmless)',
    'minor: default was set to 1',
  ],
  [
    { default: 1 },
    { default: 2 },
    'major: default changed from 1 to 2 (no rule knows that it is harmless)',
    'minor: default changed from 1 to 2',
  ],
  [{}, { title: 'A' }, 'patch: title was set to "A"'],
  [{}, { 'x-provenance': 'a' }, 'patch: x-provenance was set to "a"'],
  [{ 'x-max-bytes': 5 }, { 'x-max-bytes': 6 }, 'minor: x-max-bytes changed from 5 to 6'],
  [
    { 'x-max-bytes': 5 },
    { 'x-max-bytes': 4 },
    'major: x-max-bytes changed from 5 to 4 (a request that was valid may be rejected)',
    'minor: x-max-bytes changed from 5 to 4',
  ],
  [
    {},
    { 'x-max-bytes': 5 },
    'major: x-max-bytes was set to 5 (a request that was valid may be rejected)',
    'minor: x-max-bytes was set to 5',
  ],
  [
    { not: { a: 1 } },
    { not: { a: 2 } },
    'major: not changed from {"a":1} to {"a":2} (no rule knows that it is harmless)',
  ],
  [
    { not: { a: 1 } },
    { not: { a: 1, title: 'b', 'x-logo': 1 } },
    'patch: not changed from {"a":1} to {"a":1,"title":"b","x-logo":1}',
  ],
  [{ prefixItems: [{ title: 'a' }] }, { prefixItems: [{}] }, 'patch: prefixItems changed from [{"title":"a"}] to [{}]'],
  [{ type: 'string' }, { allOf: [{ type: 'string' }] }, 'patch: is written differently'],
  [{ const: 1 }, { enum: [1] }, 'patch: is written differently'],
  [true, false, 'major: not was set to {} (no rule knows that it is harmless)'],
  [false, true, 'major: not was removed (no rule knows that it is harmless)'],
];

test('the report tells each change of a schema', () => {
  for (const [before, after, request, response = request] of reports) {
    const lines = (direction: Direction) => compare(before, after, direction).map(lineOf);
    const name = JSON.stringify([before, after]);
    expect(lines('request'), name).toEqual([request].flat());
    expect(lines('response'), name).toEqual([response].flat());
  }
});

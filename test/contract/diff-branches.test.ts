// @databases none
import { describe, expect, test } from 'vitest';
import { areDistinct } from '../../openapi/diff/branches.ts';
import { bundle } from './documented.ts';

const side = { bundle, reached: new Set<string>() };
const check = (...schemas: object[]) =>
  areDistinct(
    side,
    schemas.map((node, index) => ({ node, pointer: `#/${index}` })),
  );

/** Returns an object that requires a property of these values. */
const kind = (values: unknown[], name = 'kind', more: object = {}) => ({
  ...{ type: 'object', required: [name], properties: { [name]: { enum: values } } },
  ...more,
});

describe('no value matches two branches', () => {
  test.each<[string, object[]]>([
    ['that list other values', [{ enum: ['a', 'b'] }, { enum: ['c'] }, { const: 'd' }]],
    ['that list values of other types', [{ const: 1 }, { const: '1' }, { const: [1] }]],
    ['that require a property with other values', [kind(['a']), kind(['b', 'c']), kind(['d'])]],
    [
      'of which the second property differs',
      [
        { ...kind(['a', 'b']), properties: { other: { enum: ['x'] }, kind: { const: 'a' } } },
        { ...kind(['a', 'b']), properties: { other: { enum: ['x'] }, kind: { const: 'b' } } },
      ],
    ],
    ['that require it among others', [kind(['a'], 'kind', { required: ['x', 'kind'] }), kind(['b'])]],
  ])('%s', (_name, schemas) => {
    expect(check(...schemas)).toBe(true);
  });
});

describe('a value may match two branches', () => {
  test.each<[string, object[]]>([
    ['that share a value', [{ enum: ['a', 'b'] }, { enum: ['b', 'c'] }]],
    ['of which one lists no values', [{ enum: ['a'] }, { type: 'string' }]],
    ['of which none lists values', [{ type: 'string' }, { pattern: 'a' }]],
    ['that share a value of their property', [kind(['a']), kind(['a', 'b'])]],
    ['of which one does not require the property', [kind(['a']), kind(['b'], 'kind', { required: [] })]],
    ['of which one requires nothing', [kind(['a']), kind(['b'], 'kind', { required: undefined })]],
    ['of which one may be no object', [kind(['a']), kind(['b'], 'kind', { type: undefined })]],
    ['of which one has no type', [kind(['a']), { required: ['kind'], properties: { kind: { enum: ['b'] } } }]],
    ['of which one takes any value for the property', [kind(['a']), kind([], 'kind', { properties: { kind: {} } })]],
    ['of which one does not name the property', [kind(['a']), kind(['b'], 'kind', { properties: {} })]],
    ['that require other properties', [kind(['a'], 'one'), kind(['b'], 'two')]],
  ])('%s', (_name, schemas) => {
    expect(check(...schemas)).toBe(false);
  });
});

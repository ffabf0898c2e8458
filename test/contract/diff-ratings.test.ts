// @databases none
import { describe, expect, test } from 'vitest';
import { effectRules, rateOwnLimit, typesOfValues } from '../../openapi/diff/effects.ts';
import { canonical, describeChange, Findings, memberOf, namesOf } from '../../openapi/diff/finding.ts';
import { compareSecurity } from '../../openapi/diff/security.ts';
import { isAtLeast, nextVersion } from '../../openapi/diff/version.ts';
import type { Bundle, Security } from '../../openapi/generate/bundle.ts';

/** Returns a bundle with one operation. */
const bundleWith = (common?: Security, own?: Security): Bundle => ({
  ...{ openapi: '3.1.1', info: { title: 'A', version: '1.0.0' }, ...(common && { security: common }) },
  paths: { '/a/b': { get: { operationId: 'getA', responses: {}, ...(own && { security: own }) } } } as Bundle['paths'],
  components: { schemas: {}, parameters: {}, responses: {}, examples: {}, securitySchemes: {} },
});

describe('the security of an operation', () => {
  const read = [{ T: ['read'] }];
  const compare = (before?: Security, after?: Security) =>
    compareSecurity(bundleWith(read, before), bundleWith(read, after)).map(
      ({ rating, message }) => `${rating}: ${message}`,
    );

  test.each<[string, Security | undefined, Security | undefined, string[]]>([
    ['stays the same', read, read, []],
    ['is the common one', undefined, read, []],
    ['is written in another order', [{ T: ['b', 'a'] }, { K: [] }], [{ K: [] }, { T: ['a', 'b'] }], []],
    ['has its schemes in another order', [{ T: [], K: [] }], [{ K: [], T: [] }], []],
    ['gets an alternative', read, [...read, { K: [] }], ['minor: required T read, now requires K or T read']],
    ['loses an alternative', [...read, { K: [] }], read, ['major: required K or T read, now requires T read']],
    ['demands another scope', read, [{ T: ['write'] }], ['major: required T read, now requires T write']],
    ['demands one scheme more', read, [{ T: ['read'], K: [] }], ['major: required T read, now requires K and T read']],
    [
      'swaps an alternative',
      [...read, { K: [] }],
      [...read, { L: [] }],
      ['major: required K or T read, now requires L or T read'],
    ],
    ['is gone', read, [], ['major: required T read, now requires no token']],
    ['is optional now', read, [...read, {}], ['major: required T read, now requires T read or no token']],
    ['is demanded now', [], read, ['major: required no token, now requires T read']],
    ['is not the common one', undefined, [], ['major: required T read, now requires no token']],
  ])('%s', (_name, before, after, lines) => {
    expect(compare(before, after)).toEqual(lines);
  });

  test('is found by the operation and by the default', () => {
    const findings = compareSecurity(bundleWith(read), bundleWith());
    const reason = 'requests are rejected, or an operation is no longer protected';
    expect(findings.map(({ pointer }) => pointer)).toEqual(['#/security', '#/paths/~1a~1b/get/security']);
    expect(findings.map((finding) => finding.reason)).toEqual([reason, reason]);
  });

  test('of a document without a default is none', () => {
    const [{ message } = {}] = compareSecurity(bundleWith(), bundleWith(read));
    expect(message).toBe('required no token, now requires T read');
  });

  test('of a new operation is no change', () => {
    expect(compareSecurity({ ...bundleWith(read), paths: {} }, bundleWith(read))).toEqual([]);
  });
});

describe('a required version', () => {
  test.each([
    ['1.2.3', 'major', '2.0.0'],
    ['1.2.3', 'minor', '1.3.0'],
    ['1.2.3', 'patch', '1.2.4'],
    ['0.2.3', 'major', '0.3.0'],
    ['0.2.3', 'minor', '0.2.4'],
    ['0.2.3', 'patch', '0.2.4'],
    ['1.2.3', undefined, '1.2.3'],
    ['1.2.3-rc.1', undefined, '1.2.3'],
    ['10.20.30+build', 'patch', '10.20.31'],
  ] as const)('after %s and a %s change is %s', (base, rating, version) => {
    expect(nextVersion(base, rating)).toBe(version);
  });

  test.each([
    ['1.2.3', '1.2.3', true],
    ['1.2.4', '1.2.3', true],
    ['1.2.2', '1.2.3', false],
    ['1.3.0', '1.2.3', true],
    ['1.1.9', '1.2.3', false],
    ['2.0.0', '1.2.3', true],
    ['1.9.9', '2.0.0', false],
    ['1.10.0', '1.9.0', true],
  ])('%s is enough for %s: %s', (version, required, verdict) => {
    expect(isAtLeast(version, required)).toBe(verdict);
  });

  test.each(['', '1', '1.2', '1.2.3.4', 'v1.2.3', '1.2.x', '1.2.3 ', 'a1.2.3'])('%j is no version', (version) => {
    const message = `The version ${JSON.stringify(version)} is not of the form 1.2.3.`;
    expect(() => nextVersion(version, 'patch')).toThrow(message);
    expect(() => isAtLeast('1.0.0', version)).toThrow(message);
  });
});

describe('findings', () => {
  const at = (pointer: string) => ({ pointer, node: undefined });

  test('are listed by their rating', () => {
    const findings = new Findings();
    for (const rating of ['patch', 'major', 'minor'] as const) findings.add(rating, at(`#/${rating}`), 'a', 'because');
    expect(findings.list()).toEqual([
      { rating: 'major', pointer: '#/major', message: 'a', reason: 'because' },
      { rating: 'minor', pointer: '#/minor', message: 'a' },
      { rating: 'patch', pointer: '#/patch', message: 'a' },
    ]);
  });

  test('count once, by the gravest rating', () => {
    const findings = new Findings();
    for (const rating of ['minor', 'major', 'patch', 'minor'] as const) findings.add(rating, at('#'), 'a');
    findings.add('major', at('#'), 'a', 'later');
    expect(findings.list()).toStrictEqual([{ rating: 'major', pointer: '#', message: 'a' }]);
    expect(new Findings(findings.list()).list()).toStrictEqual(findings.list());
    findings.add('patch', at('#'), 'b');
    findings.add('patch', at('#/a'), 'a');
    expect([findings.added, findings.list().length]).toEqual([7, 3]);
  });
});

describe('a keyword', () => {
  const { maxLength, minLength, type, enum: values, uniqueItems, required } = effectRules;
  test.each([
    ['maxLength', maxLength?.(5, 5), 'same'],
    ['maxLength', maxLength?.(1, '5'), 'unclear'],
    ['maxLength', maxLength?.(undefined, undefined), 'same'],
    ['minLength', minLength?.('5', 1), 'unclear'],
    ['type', type?.(undefined, undefined), 'same'],
    ['enum', values?.(['a'], ['a']), 'same'],
    ['uniqueItems', uniqueItems?.(undefined, false), 'same'],
    ['required', required?.(undefined, ['a']), 'narrower'],
    ['required', required?.(['a'], undefined), 'wider'],
  ])('%s has an effect: %s, %s', (_name, effect, expected) => {
    expect(effect).toBe(expected);
  });

  test('enum tells the types of its values', () => {
    const types = ['null', 'array', 'integer', 'number', 'string', 'boolean', 'object'];
    expect(typesOfValues([null, [1], 1, 1.5, 'a', 'b', true, {}])).toEqual(types);
    expect(typesOfValues(undefined)).toBeUndefined();
  });

  test('of this project is a limit of requests', () => {
    const rate = (before: unknown, after: unknown) =>
      (['request', 'response'] as const).map((direction) => rateOwnLimit(before, after, direction));
    expect([rate(1, 2), rate(2, 1), rate(1, '2')]).toEqual([
      ['minor', 'minor'],
      ['major', 'minor'],
      ['major', 'minor'],
    ]);
  });
});

describe('two values are the same', () => {
  test.each<[unknown, unknown]>([
    [
      { a: 1, b: { c: 2, d: 3 } },
      { b: { d: 3, c: 2 }, a: 1 },
    ],
    [{ enum: ['a', 'b'] }, { enum: ['b', 'a'] }],
    ...['anyOf', 'oneOf', 'allOf', 'required', 'type', 'tags', 'servers', 'security', 'parameters'].map(
      (name): [unknown, unknown] => [{ [name]: [{ a: 1 }, { b: 1 }] }, { [name]: [{ b: 1 }, { a: 1 }] }],
    ),
    [undefined, undefined],
    [null, null],
    [[], []],
  ])('%j and %j', (one, other) => {
    expect(canonical(one)).toBe(canonical(other));
  });

  test.each<[unknown, unknown]>([
    [{ prefixItems: [1, 2] }, { prefixItems: [2, 1] }],
    [{ a: 1 }, { a: '1' }],
    [{ a: 1 }, { b: 1 }],
    [{ a: {} }, { a: [] }],
    [{ a: null }, { a: {} }],
    [null, undefined],
    [[1, 2], [12]],
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
    ['[]', []],
    ['{}', {}],
    [{ default: { required: [1, 2] } }, { default: { required: [2, 1] } }],
  ])('but not %j and %j', (one, other) => {
    expect(canonical(one)).not.toBe(canonical(other));
  });

  test('where a list is compared by its name', () => {
    expect(canonical(['b', 'a'], 'enum')).toBe(canonical(['a', 'b'], 'enum'));
    expect(canonical(['b', 'a'], 'prefixItems')).not.toBe(canonical(['a', 'b'], 'prefixItems'));
  });
});

describe('a change is described', () => {
  const [fits, isLong] = ['x'.repeat(38), 'x'.repeat(39)];
  test.each([
    [undefined, 5, 'a was set to 5'],
    [undefined, isLong, 'a was added'],
    [5, undefined, 'a was removed'],
    [null, 5, 'a changed from null to 5'],
    ['x', fits, `a changed from "x" to "${fits}"`],
    ['x', isLong, 'a changed'],
    [isLong, 'x', 'a changed'],
  ])('from %j to %j', (before, after, text) => {
    expect(describeChange('a', before, after)).toBe(text);
  });
});

describe('a member of a node', () => {
  test('has an escaped pointer', () => {
    expect(memberOf({ node: { 'a/~b': 1 }, pointer: '#' }, 'a/~b')).toEqual({ node: 1, pointer: '#/a~1~0b' });
    expect(memberOf({ node: { '/': 1 }, pointer: '#' }, '/')).toEqual({ node: 1, pointer: '#/~1' });
    expect(memberOf({ node: ['x'], pointer: '#/l' }, '0')).toEqual({ node: 'x', pointer: '#/l/0' });
  });

  test.each([{}, null, 'toString', undefined, { a: 1 }])('is never one of the prototype: %j', (node) => {
    expect(memberOf({ node, pointer: '#' }, 'toString')).toBeUndefined();
  });

  test('is named once', () => {
    const nodes = [{ a: 1, b: 1 }, undefined, { b: 2, c: 2 }].map((node) => node && { node, pointer: '#' });
    expect(namesOf(...nodes, { node: null, pointer: '#' })).toEqual(['a', 'b', 'c']);
  });
});

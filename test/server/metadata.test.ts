// @databases none
import { describe, expect, test } from 'vitest';
import { limits } from '../../generated/values.ts';
import {
  canonicalJson,
  checkMetadata,
  parseMetadataFilter,
  propertyFingerprints,
} from '../../server/resource/metadata.ts';

describe('equal values have equal text', () => {
  test.each([
    [{ b: 1, a: 2, c: 3 }, '{"a":2,"b":1,"c":3}'],
    [{ a: { d: null, c: [{ y: 1, x: 2 }] } }, '{"a":{"c":[{"x":2,"y":1}],"d":null}}'],
    [[2, 1, 'b', 'a'], '[2,1,"b","a"]'],
    [{ a: true, '': 'é' }, '{"":"é","a":true}'],
    [null, 'null'],
    ['text', '"text"'],
    [[], '[]'],
  ])('%j', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });
});

describe('the fingerprint of a property', () => {
  test('is the SHA-256 of name and value', () => {
    expect(propertyFingerprints({ a: 1, b: { d: 1, c: 2 } })).toEqual([
      'E18XpHWmGv3urzdZrS5FrRx6uxkjlavkfkH8jjldwak',
      'sg5IWLvf2zHe6KSap6nVqN7yJfZpZokcrfgsgQkXEaQ',
    ]);
  });

  test('is that of name, value and type', () => {
    const values = [{ a: 1 }, { a: '1' }, { a: true }, { a: [1] }, { a: {} }, { b: 1 }];
    const [first, ...others] = values.map((value) => propertyFingerprints(value)[0]);
    expect(first).toBe(propertyFingerprints({ b: 2, a: 1 })[1]);
    expect(new Set([first, ...others]).size).toBe(values.length);
  });
});

describe('metadata', () => {
  const { bytes, values } = limits.metadata;

  test('up to its limits has no reasons', () => {
    expect(checkMetadata({ a: 'x'.repeat(bytes - '{"a":""}'.length) })).toEqual([]);
    expect(checkMetadata({ a: Array(values - 1).fill(1) })).toEqual([]);
  });

  test('beyond its limits has a reason for each', () => {
    expect(checkMetadata({ a: Array(values).fill('x'.repeat(9)) })).toEqual([
      `must not be larger than ${bytes} bytes of JSON`,
      `must not have more than ${values} values`,
    ]);
  });
});

describe('a filter by metadata', () => {
  test.each(['{}', '{"a":[1,{"b":null}]}', '{"constructor":"x"}'])('may be %s', (text) => {
    expect(parseMetadataFilter(text)).toEqual({ metadata: JSON.parse(text) });
  });

  test.each(['', '{', 'a', '%7B%7D'])('that is %j is no JSON', (text) => {
    expect(parseMetadataFilter(text)).toEqual({ reasons: ['must be a JSON object, URL-encoded'] });
  });

  test.each(['[]', '[1]', 'null', '1', '"a"', 'true'])('that is %s is no object', (text) => {
    expect(parseMetadataFilter(text)).toEqual({ reasons: ['must be a JSON object'] });
  });

  test('has each reason once', () => {
    expect(parseMetadataFilter('{"a":1e400,"b":1e400,"c":{"d":1,"d":2}}')).toEqual({
      reasons: ['must be a number that a double holds exactly', 'must not be given twice'],
    });
  });

  test('is as deep as metadata', () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    const { depth } = limits.metadata;
    expect(parseMetadataFilter(nested(depth))).toEqual({ metadata: JSON.parse(nested(depth)) });
    expect(parseMetadataFilter(nested(depth + 1))).toEqual({
      reasons: [`must not nest deeper than ${depth - 1} levels`],
    });
  });

  test('has a bounded number of properties', () => {
    const { properties } = limits.metadataFilterText;
    const filter = (count: number) =>
      parseMetadataFilter(JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, 1]))));
    expect(filter(properties)).toHaveProperty('metadata');
    expect(filter(properties + 1)).toEqual({ reasons: [`must not have more than ${properties} properties`] });
  });

  test('has the limits of metadata as well', () => {
    const many = JSON.stringify({ a: Array(limits.metadata.values).fill(1) });
    expect(parseMetadataFilter(many)).toEqual({ reasons: checkMetadata(JSON.parse(many)) });
  });
});

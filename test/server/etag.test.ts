// @databases none
import { describe, expect, test } from 'vitest';
import { isKnown, toETag, versionsOf } from '../../server/resource/etag.ts';

test('an entity tag names version and health', () => {
  expect(toETag(3)).toBe('"v3"');
  expect(toETag(12, 'warn.mc1x2')).toBe('"v12-warn.mc1x2"');
});

describe('If-Match', () => {
  test('absent or a star matches every version', () => {
    expect([versionsOf(undefined), versionsOf('*')]).toEqual([undefined, undefined]);
  });

  test.each([
    ['"v3"', [3]],
    ['"v3", "v12","v999999999999999"', [3, 12, 999_999_999_999_999]],
    ['"v3-warn.mc1x2", "v4-error.0"', [3, 4]],
    ['W/"v3", "v4"', [4]],
    ['"other", "v5"', [5]],
    ['"other"', []],
    ['v3', []],
    ['', []],
  ])('%s matches %j', (header, versions) => {
    expect(versionsOf(header)).toEqual(versions);
  });

  test.each([
    ...['v', 'v0', 'v03', 'v-1', 'v1000000000000000', 'v3.0', 'xv3', 'V3', 'v3-', 'v3-ok.a', 'v3-warn', 'v3-warn.'],
    ...['v3-warn.A', 'v3-warn.a!', 'v3x-warn.a', 'v3 ', 'v3\u007f'],
  ])('"%s" is the tag of no version', (tag) => {
    expect(versionsOf(`"${tag}"`)).toEqual([]);
  });
});

describe('If-None-Match', () => {
  test.each([
    [undefined, false],
    ['*', true],
    ['"v3"', true],
    ['W/"v3"', true],
    ['"v2", "v3"', true],
    ['"v2", "v4"', false],
    ['"v3-warn.a"', false],
    ['', false],
  ])('%s knows version 3 that is well: %s', (header, verdict) => {
    expect(isKnown(header, '"v3"')).toBe(verdict);
  });

  test('an app whose health has changed is not known', () => {
    const verdicts = ['"v3"', '"v3-warn.a"', '"v3-warn.b"'].map((header) => isKnown(header, '"v3-warn.b"'));
    expect(verdicts).toEqual([false, false, true]);
  });
});

// @databases none
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson } from '../../generated/strict-json.ts';

const parse = (text: string) => parseStrictJson(text, 5);
const seed = 20261122;

test('any JSON value without special cases is parsed unchanged', () => {
  const json = fc.jsonValue({ maxDepth: 4, noUnicodeString: false }).filter((value) => {
    const text = JSON.stringify(value);
    return !/__proto__|\\u0000|\\ud[89a-f]/i.test(text);
  });
  fc.assert(
    fc.property(json, (value) => {
      const text = JSON.stringify(value);
      expect(parse(text)).toEqual({ value: JSON.parse(text) });
    }),
    { seed, numRuns: 2_000 },
  );
});

describe('numbers that a double cannot hold are rejected', () => {
  test.each(['1e400', '-1e400', '9007199254740993', '0.1000000000000000055', '1e-400', '123456789012345678901'])(
    '%s',
    (n) => {
      expect(parse(`{"a":${n}}`)).toEqual({
        violations: new Map([['a', ['must be a number that a double holds exactly']]]),
      });
    },
  );
  test.each([
    '0',
    '-0',
    '0.1',
    '1.50',
    '1E2',
    '1e+2',
    '5e-324',
    '1.7976931348623157e308',
    '9007199254740992',
    '0e9',
    '100000',
  ])('%s is accepted', (number) => expect(parse(number)).toEqual({ value: Number(number) }));
});

describe('a value that would change is rejected with its path', () => {
  test.each([
    ['{"a":1,"a":2}', 'a', 'must not be given twice'],
    ['{"a":1,"\\u0061":2}', 'a', 'must not be given twice'],
    ['{"m":{"__proto__":1}}', 'm', 'must not have a property named __proto__'],
    ['{"m":{"\\u005f_proto__":1}}', 'm', 'must not have a property named __proto__'],
    ['{"m":["x\\u0000"]}', 'm.0', 'must not contain U+0000'],
    ['{"m":{"\\u0000":1}}', 'm', 'has a name that must not contain U+0000'],
    ['{"m":[1,["\\ud800"]]}', 'm.1.0', 'must not contain a lone surrogate'],
    ['{"m":"\\udc00\\ud800"}', 'm', 'must not contain a lone surrogate'],
    ['{"a":[[[[[]]]]]}', 'a', 'must not nest deeper than 4 levels'],
    ['"\\ud800"', 'body', 'must not contain a lone surrogate'],
  ])('%s', (text, path, reason) => {
    expect(parse(text)).toEqual({ violations: new Map([[path, [reason]]]) });
  });
});

test.each(['', '{', '{"a":01}', "{'a':1}", '[1,]', '\uFEFF{}', 'NaN', '{"a":1}x', '"\t"', '// {}'])(
  '%j is malformed',
  (text) => {
    expect(parse(text)).toEqual({ isMalformed: true });
  },
);

test('strings may contain surrogate pairs, quotes and brackets', () => {
  const text = '{"😀":"\\ud83d\\ude00","q":"\\"{[,:1e400","b":"\\\\"}';
  expect(parse(text)).toEqual({ value: { '😀': '😀', q: '"{[,:1e400', b: '\\' } });
});

test('the deepest nesting is rejected', () => {
  for (const depth of [6, 5_000, 1_000_000]) {
    const result = parse(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect(result).toEqual({ violations: new Map([['a', ['must not nest deeper than 4 levels']]]) });
  }
});

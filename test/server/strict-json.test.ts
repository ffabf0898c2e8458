// @databases none
import { describe, expect, test, vi } from 'vitest';
import { parseStrictJson } from '../../generated/strict-json.ts';
import { parseJson } from '../../server/http/parse-json.ts';

/** Parses a text, also as a body, which has the same result. */
function parse(text: string) {
  const result = parseStrictJson(text, 5);
  expect(parseJson(text, 5)).toEqual(result);
  return result;
}

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
    '1e-3',
    '1e23',
    '-12.5e-1',
    '0.000001',
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
    ['1e400', 'body', 'must be a number that a double holds exactly'],
    ['[[1,2],[3,1e400]]', '1.1', 'must be a number that a double holds exactly'],
    ['{"a":{"b":1},"a":2}', 'a', 'must not be given twice'],
    ['{"a":[1,2],"a":2}', 'a', 'must not be given twice'],
    ['{"a":[{"b":1},{"b":1,"b":2}]}', 'a.1.b', 'must not be given twice'],
    ['["a","\\u0000"]', '1', 'must not contain U+0000'],
    ['[{},"\\u0000"]', '1', 'must not contain U+0000'],
    ['{"a":1,"b":"\\u0000"}', 'b', 'must not contain U+0000'],
    ['{"a":"\\u0000\\ud800"}', 'a', 'must not contain U+0000'],
    ['{"a":{"b":{"c":{"d":{"e":{}}}}}}', 'a', 'must not nest deeper than 4 levels'],
    ['[[[[[[]]]]]]', '0', 'must not nest deeper than 4 levels'],
    ['[1,[[[[[]]]]]]', '1', 'must not nest deeper than 4 levels'],
    ['"\ud800"', 'body', 'must not contain a lone surrogate'],
  ])('%s', (text, path, reason) => {
    expect(parse(text)).toEqual({ violations: new Map([[path, [reason]]]) });
  });
});

describe('names and values are told apart', () => {
  test.each([
    '{"a":"b","b":"a"}',
    '{"a":["a","a"],"b":[{"a":1},{"a":1}]}',
    '[{"a":1},"a","a"]',
    '{"a":{"a":{"a":"a"}}}',
    '{"a":[],"b":{},"c":true,"d":null,"e":false}',
    '[[[[[1]]]]]',
    '{ "a": [1, 2] }',
    '{"a":{"b":[[["x"]]]}}',
    '{"m":"__proto__"}',
    '{"a":"x,y:z","b":"{\\"b\\":1,\\"b\\":2}"}',
  ])('%s is parsed', (text) => expect(parse(text)).toEqual({ value: JSON.parse(text) }));
});

test('each path has its reasons once', () => {
  const text = '{"a":1e400,"a":1e400,"a":"\\u0000","b":{"\\ud800":1e400}}';
  expect(parse(text)).toEqual({
    violations: new Map([
      ['a', ['must be a number that a double holds exactly', 'must not be given twice', 'must not contain U+0000']],
      ['b', ['has a name that must not contain a lone surrogate', 'must be a number that a double holds exactly']],
    ]),
  });
});

test('a path has at most eight names', () => {
  const nested = (names: string[]) => names.reduceRight((inner, name) => `{"${name}":${inner}}`, '1e400');
  const pathOf = (text: string) => {
    const result = parseStrictJson(text, 20);
    return 'violations' in result ? [...result.violations.keys()] : [];
  };
  expect(pathOf(nested([...'abcdefgh']))).toEqual(['a.b.c.d.e.f.g.h']);
  expect(pathOf(nested([...'abcdefghij']))).toEqual(['a.b.c.d.e.f.g.h']);
});

test('at most a hundred paths are reported', () => {
  for (const count of [99, 100, 101]) {
    const result = parse(`[${Array(count).fill('1e400').join()}]`);
    expect('violations' in result && result.violations.size).toBe(Math.min(count, 100));
  }
});

test.each(['{"a":[1,"é",null,true,{}]}', '[[[[[1]]]]]', '"x"', '{'])('the body %s is parsed once', (text) => {
  const parsing = vi.spyOn(JSON, 'parse');
  parseJson(text, 5);
  expect(parsing).toHaveBeenCalledTimes(1);
  parsing.mockRestore();
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

// @databases none
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseStrictJson } from '../../generated/strict-json.ts';
import { parseJson } from '../../server/http/parse-json.ts';

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

test('the deepest nesting is rejected', () => {
  for (const depth of [6, 5_000, 1_000_000]) {
    const result = parse(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect(result).toEqual({ violations: new Map([['a', ['must not nest deeper than 4 levels']]]) });
  }
});

const text = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fc.json({ maxDepth: 3 }).map((json) => json.replaceAll(',', ', ')),
  fc.json({ maxDepth: 3 }).map((json) => json.replace(/\d/, '1e400').replace(/"[^"]*":/, '"__proto__":')),
  fc.json({ maxDepth: 3 }).map((json) => `{"a":${json},"a":${json}}`),
  fc.string({ unit: 'binary' }).map((value) => `{"\ud800${value}":1}`),
  fc.string(),
);

test('a body is parsed as strictly as any other JSON', () => {
  fc.assert(
    fc.property(text, (one) => {
      expect(parseJson(one, 5)).toEqual(parse(one));
    }),
    { seed, numRuns: 2_000 },
  );
});

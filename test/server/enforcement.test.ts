import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enforceDescription, type ResponseValidation } from '../../server/validation/enforce-description.ts';
import { type Exchange, openEnforced } from '../helpers/enforced.ts';
import { answers, requests } from '../helpers/exchanges.ts';
import { plainValidator } from '../helpers/plain-validator.ts';
import { description } from '../helpers/server.ts';
import { soak } from '../helpers/soak.ts';

const seed = 20261207;
const [short, long] = [1_000, 24_000];
const timeout = soak(60_000, 1_200_000);

async function openBoth(responseValidation: ResponseValidation) {
  const options = { description, responseValidation };
  const ours = await openEnforced(
    async (onBrokenResponse) => {
      const { checkRequest, checkAnswer } = await enforceDescription({ ...options, onBrokenResponse });
      return { requests: [checkRequest], checkAnswer };
    },
    (_req, { locals: { pathParams: path, query } }) => ({ path, query }),
  );
  const plain = await openEnforced(
    (onBrokenResponse) => ({ requests: plainValidator({ ...options, onBrokenResponse }) }),
    ({ params: path, query }) => ({ path, query }),
  );
  return { ours, plain };
}

describe.each(['strict', 'report'] as const)('enforcement, beside the validator as it comes (%s)', (mode) => {
  it.each([
    ['requests', requests],
    ['answers', answers],
  ] satisfies [string, fc.Arbitrary<Exchange>][])(
    'gives the same verdicts on %s',
    { timeout },
    async (name, exchanges) => {
      const { ours, plain } = await openBoth(mode);
      let [count, refused] = [0, 0];
      const property = fc.asyncProperty(exchanges, async (exchange) => {
        const expected = await plain(exchange);
        count += 1;
        if (expected.error !== undefined || expected.reported !== undefined) refused += 1;
        const actual = await ours(exchange);
        if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
      });
      await fc.assert(property, { seed, numRuns: soak(short, long) });
      console.log(`${mode}: ${count} ${name} with seed ${seed}, ${refused} of them refused, 0 differences`);
      expect(Math.min(refused, count - refused)).toBeGreaterThan(count / 10);
    },
  );
});

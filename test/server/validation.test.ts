// @databases none
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { soak } from '../helpers/soak.ts';
import { requests, responses } from './validation-exchanges.ts';
import { createLibraryRunner, createServerRunner, type Exchange } from './validation-runners.ts';

const seed = 20261207;
/** The numbers of exchanges. Only the errors of responses depend on the mode. */
const runs = { strict: soak(1_000, 24_000), report: soak(400, 24_000) };
const timeout = soak(60_000, 1_200_000);

describe.each(['strict', 'report'] as const)('validation compared with express-openapi-validator (%s)', (mode) => {
  it.each([
    ['requests', requests],
    ['responses', responses],
  ] satisfies [string, fc.Arbitrary<Exchange>][])(
    'has the same result for all generated %s',
    { timeout },
    async (name, exchanges) => {
      const [runOnServer, runOnLibrary] = [createServerRunner(mode), createLibraryRunner(mode)];
      let [count, rejected] = [0, 0];
      const property = fc.asyncProperty(exchanges, async (exchange) => {
        const expected = await runOnLibrary(exchange);
        count += 1;
        if (expected.error !== undefined || expected.reported !== undefined) rejected += 1;
        const actual = await runOnServer(exchange);
        if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
      });
      await fc.assert(property, { seed, numRuns: runs[mode] });
      console.log(`${mode}: ${count} ${name} with seed ${seed}, ${rejected} of them rejected, 0 differences`);
      expect(Math.min(rejected, count - rejected)).toBeGreaterThan(count / 10);
    },
  );
});

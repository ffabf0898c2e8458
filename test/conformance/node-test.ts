import { after, describe, test } from 'node:test';
import { createSuite, describeLeftBehind, type SuiteOptions } from './suite.ts';

/** Declares every case as a test of node:test. Call it in a test file. Says which apps it could not remove. */
export function testConformance(name: string, options: SuiteOptions): void {
  const suite = createSuite(options);
  // One after the other, however the project runs its own tests: a case sees the lists that others make longer.
  describe(`${name} (seed ${suite.seed})`, { concurrency: 1 }, () => {
    for (const item of suite.cases) test(item.name, () => item.run());
    after(async () => {
      const left = describeLeftBehind(await suite.cleanUp());
      if (left !== '') console.warn(left);
    });
  });
}

import { afterAll, describe, test } from 'vitest';
import { createSuite, describeLeftBehind, type SuiteOptions } from './suite.ts';

/** Declares every case as a vitest test. Call it in a test file. Says which apps it could not remove. */
export function testConformance(name: string, options: SuiteOptions): void {
  const suite = createSuite(options);
  // One after the other, however the project runs its own tests: a case sees the lists that others make longer.
  describe(`${name} (seed ${suite.seed})`, { concurrent: false }, () => {
    for (const item of suite.cases) test(item.name, () => item.run());
    afterAll(async () => {
      const left = describeLeftBehind(await suite.cleanUp());
      if (left !== '') console.warn(left);
    });
  });
}

import { afterAll, describe, test } from 'vitest';
import { createSuite, type SuiteOptions } from './suite.ts';

/** Declares every case as a vitest test. Call it in a test file. */
export function testConformance(name: string, options: SuiteOptions): void {
  const suite = createSuite(options);
  describe(`${name} (seed ${suite.seed})`, () => {
    for (const item of suite.cases) test(item.name, () => item.run());
    afterAll(async () => {
      await suite.cleanUp();
    });
  });
}

import { after, describe, test } from 'node:test';
import { createSuite, type SuiteOptions } from './suite.ts';

/** Declares every case as a test of node:test. Call it in a test file. */
export function testConformance(name: string, options: SuiteOptions): void {
  const suite = createSuite(options);
  describe(`${name} (seed ${suite.seed})`, () => {
    for (const item of suite.cases) test(item.name, () => item.run());
    after(async () => {
      await suite.cleanUp();
    });
  });
}

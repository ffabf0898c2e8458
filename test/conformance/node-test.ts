import { after, describe, test } from 'node:test';
import { createSuite, describeLeftBehind, type SuiteOptions } from './suite.ts';

/**
 * Declares every case as a test of node:test in the calling test file. Warns of apps that could not be deleted.
 *
 * @throws the errors of `createSuite`
 * @example testConformance('my API', { baseUrl: 'http://127.0.0.1:3000', token: 'YOUR_API_TOKEN' });
 */
export function testConformance(name: string, options: SuiteOptions): void {
  const suite = createSuite(options);
  // Cases run one at a time in every project, because a case would see the apps of another one in its lists.
  describe(`${name} (seed ${suite.seed})`, { concurrency: 1 }, () => {
    for (const item of suite.cases) test(item.name, () => item.run());
    after(async () => {
      const left = describeLeftBehind(await suite.cleanUp());
      if (left !== '') console.warn(left);
    });
  });
}

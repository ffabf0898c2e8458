import { describe, test } from 'vitest';
import type { Store } from '../../server/store/store.ts';
import { createStoreSuite, type StoreSuiteOptions } from './index.ts';

/**
 * Declares every case as a vitest test in the calling test file.
 *
 * @example testStore('my store', { open: () => openStore('sqlite::memory:') });
 */
export function testStore<Own extends Store>(name: string, options: StoreSuiteOptions<Own>): void {
  describe(name, () => {
    for (const item of createStoreSuite(options)) test(item.name, () => item.run());
  });
}

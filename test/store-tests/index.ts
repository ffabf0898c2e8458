/** Suite for stores: cases that every implementation of `Store` passes. It needs no test framework. */
import type { Store } from '../../server/store/store.ts';
import { appCases } from './cases/apps.ts';
import { auditCases } from './cases/audit.ts';
import { idempotencyCases } from './cases/idempotency.ts';
import { disconnectCases, installationCases, reopenCases } from './cases/installation.ts';
import { listCases } from './cases/lists.ts';
import { recordCases } from './cases/records.ts';
import { secretCases } from './cases/secrets.ts';
import { tokenCases } from './cases/tokens.ts';

export { StoreFailure } from './check.ts';

/**
 * Store under test. `Own` is its type, which the functions get that `open` returned.
 *
 * @example
 * const options: StoreSuiteOptions = { open: () => openStore('sqlite::memory:') };
 * const cases = createStoreSuite(options);
 */
export interface StoreSuiteOptions<Own extends Store = Store> {
  /** Opens a store without records. Every case opens one of its own, and closes it. */
  readonly open: () => Promise<Own>;
  /** Closes a store and opens its records again. Left out: the case of a restart is left out. */
  readonly reopen?: ((store: Own) => Promise<Store>) | undefined;
  /**
   * Makes a store unable to respond, for example by ending its connections. Left out: the case of a store that cannot
   * respond is left out.
   */
  readonly disconnect?: ((store: Own) => Promise<void>) | undefined;
  /** Removes the records of a closed store. Left out: nothing is removed. */
  readonly remove?: ((store: Own) => Promise<void>) | undefined;
}

/**
 * Case of the suite.
 *
 * @example
 * const run = async ({ name, run }: StoreCase) => {
 *   await run();
 *   return name;
 * };
 * const [first] = createStoreSuite({ open: () => openStore('sqlite::memory:') });
 * console.log(first && (await run(first)));
 */
export interface StoreCase {
  /** Promise of the contract that the case holds the store to. */
  readonly name: string;
  /** Runs the case in a store of its own. Rejects with `StoreFailure` when a promise is broken. */
  run(): Promise<void>;
}

const unneeded = async () => {
  throw new Error('no case needs this function');
};

/**
 * Creates the cases that every implementation of `Store` passes, for a test framework or a program of your own.
 *
 * @example
 * const cases = createStoreSuite({ open: () => openStore('sqlite::memory:') });
 * for (const { run } of cases) await run();
 */
export function createStoreSuite<Own extends Store>(options: StoreSuiteOptions<Own>): StoreCase[] {
  const { open, reopen, disconnect, remove } = options;
  const cases = {
    ...{ ...appCases, ...listCases, ...idempotencyCases, ...tokenCases },
    ...{ ...auditCases, ...secretCases, ...recordCases, ...installationCases },
    ...{ ...(reopen && reopenCases), ...(disconnect && disconnectCases) },
  };
  return Object.entries(cases).map(([name, test]) => ({
    name,
    async run() {
      const own = await open();
      let store: Store = own;
      const openAgain = async () => {
        store = await (reopen ?? unneeded)(own);
        return store;
      };
      try {
        await test({ store, reopen: openAgain, disconnect: () => (disconnect ?? unneeded)(own) });
      } finally {
        await store.close();
        await remove?.(own);
      }
    },
  }));
}

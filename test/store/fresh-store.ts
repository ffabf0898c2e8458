import { openStore } from '../../server/store/open-store.ts';
import type { Store } from '../../server/store/store.ts';
import { createStoreDatabase, type TestDatabase } from '../helpers/databases.ts';

export { changeOf } from '../helpers/app-records.ts';

/** A store on a new database. */
export interface FreshStore extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly store: Store;
  /** Closes the store and opens the same database again. */
  reopen(): Promise<void>;
}

/** Opens a store on a new database of the Vitest project's kind. Dispose of it with `await using`. */
export async function openFreshStore(): Promise<FreshStore> {
  const database = await createStoreDatabase();
  let store = await openStore(database.url);
  return {
    database,
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = await openStore(database.url);
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

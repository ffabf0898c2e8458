import { openStore } from '../../server/store/open-store.ts';
import type { Store } from '../../server/store/store.ts';
import { createDatabase, type TestDatabase } from '../helpers/databases.ts';

/** A store on a fresh database. `reopen` closes it and opens the same database again. */
export interface FreshStore extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly store: Store;
  reopen(): Promise<void>;
}

/** Opens a store on a fresh database of the kind that this run of the tests is about. */
export async function openFreshStore(): Promise<FreshStore> {
  const database = await createDatabase();
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

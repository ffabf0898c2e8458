import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../server/store/open-store.ts';

/** A store on a fresh database. `reopen` closes it and opens the same database again. */
async function openSqlite() {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-store-'));
  const url = `sqlite:${join(folder, 'test.db')}`;
  let store = await openStore(url);
  return {
    url,
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = await openStore(url);
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Every store that the server can run on. Tests loop over them. */
export const stores = [{ name: 'sqlite', open: openSqlite }];

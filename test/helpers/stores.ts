import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { openStore } from '../../server/store/open-store.ts';
import type { Store } from '../../server/store/store.ts';

/** A fresh database. Dispose of it with `await using`. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
}

/** A store on a fresh database. `reopen` closes it and opens the same database again. */
export interface OpenedStore extends AsyncDisposable {
  readonly url: string;
  readonly store: Store;
  reopen(): Promise<void>;
}

async function createSqlite(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-store-'));
  return {
    url: `sqlite:${join(folder, 'test.db')}`,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function runOnServer(statement: string): Promise<void> {
  const client = new pg.Client(`${inject('postgresUrl')}/postgres`);
  await client.connect();
  await client.query(statement);
  await client.end();
}

async function createPostgres(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runOnServer(`CREATE DATABASE ${name}`);
  return {
    url: `${inject('postgresUrl')}/${name}`,
    [Symbol.asyncDispose]: () => runOnServer(`DROP DATABASE ${name} WITH (FORCE)`),
  };
}

const opener = (create: () => Promise<TestDatabase>) => async (): Promise<OpenedStore> => {
  const database = await create();
  let store = await openStore(database.url);
  return {
    url: database.url,
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
};

const all = [
  { name: 'sqlite', create: createSqlite, open: opener(createSqlite) },
  { name: 'postgres', create: createPostgres, open: opener(createPostgres) },
];
const wanted = process.env.STORES?.split(',');

/** Every store that the server can run on. Tests loop over them; `STORES=sqlite` or `STORES=postgres` narrows. */
export const stores = all.filter(({ name }) => wanted === undefined || wanted.includes(name));

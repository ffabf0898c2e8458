import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { inject } from 'vitest';
import { isPostgres, sqliteFile } from '../../server/store/database-url.ts';
import type { Schema } from '../../server/store/sql/schema.ts';
import { connect } from './connect.ts';
import { giveBack, makeDatabase, removeDatabase, takeDatabase } from './postgres-databases.ts';

export type Row = Record<string, unknown>;

/** A database and a connection to it that bypasses the server. Dispose of it with `await using`. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  /** Returns the connection, which the first call opens. */
  connect(): Promise<Kysely<Schema>>;
  /** Closes the connection, for commands that need exclusive access. */
  disconnect(): Promise<void>;
  /** Runs a statement and returns its rows. */
  rows(statement: RawBuilder<unknown>): Promise<Row[]>;
  /** Returns every row by table. Two results are equal if nothing was written in between. */
  dump(): Promise<Record<string, Row[]>>;
  /** Blocks the writes of all other connections until the lock is disposed of. */
  lock(): Promise<AsyncDisposable>;
}

/** The kinds of database that the server supports. */
export type DatabaseKind = 'sqlite' | 'postgres';

async function lockAll(url: string): Promise<AsyncDisposable> {
  const db = await connect(url);
  await (isPostgres(url) ? sql`BEGIN` : sql`BEGIN IMMEDIATE`).execute(db);
  if (isPostgres(url)) await sql`LOCK TABLE accounts, oauth_apps, idempotency_keys IN EXCLUSIVE MODE`.execute(db);
  return {
    async [Symbol.asyncDispose]() {
      await sql`ROLLBACK`.execute(db);
      await db.destroy();
    },
  };
}

/** Removes a database. Ends the connection to it, where there is one. */
type Remove = (connection: Kysely<Schema> | undefined) => Promise<unknown>;

/** Removes a database once the connection to it has ended. */
const afterEnd =
  (remove: () => Promise<unknown>): Remove =>
  async (connection) => {
    await connection?.destroy();
    await remove();
  };

function makeTestDatabase(url: string, remove: Remove): TestDatabase {
  let connection: Promise<Kysely<Schema>> | undefined;
  const connectOnce = () => {
    connection ??= connect(url);
    return connection;
  };
  const disconnect = async () => {
    const ended = connection;
    connection = undefined;
    await (await ended)?.destroy();
  };
  const rows = async (statement: RawBuilder<unknown>) => (await statement.execute(await connectOnce())).rows as Row[];
  return {
    url,
    connect: connectOnce,
    disconnect,
    rows,
    async dump() {
      const tables = await (await connectOnce()).introspection.getTables();
      const names = tables.map(({ name }) => name).sort();
      const all = names.map(async (name) => [name, await rows(sql`SELECT * FROM ${sql.table(name)} ORDER BY 1, 2`)]);
      return Object.fromEntries(await Promise.all(all));
    },
    lock: () => lockAll(url),
    async [Symbol.asyncDispose]() {
      const last = connection;
      connection = undefined;
      await remove(await last);
    },
  };
}

const create: Record<DatabaseKind, (isMigrated: boolean) => Promise<TestDatabase>> = {
  async sqlite() {
    const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-database-'));
    const remove = afterEnd(() => rm(folder, { recursive: true, force: true }));
    return makeTestDatabase(`sqlite:${join(folder, 'test.db')}`, remove);
  },
  async postgres(isMigrated) {
    const server = inject('postgresUrl');
    const name = isMigrated ? await takeDatabase(server) : await makeDatabase(server, 'template1');
    const remove: Remove = isMigrated
      ? (connection) => giveBack(server, name, connection)
      : afterEnd(() => removeDatabase(server, name));
    return makeTestDatabase(`${server}/${name}`, remove);
  },
};

/** Connects to an existing database. Disposing of it does not remove it. */
export const connectDatabase = (url: string): TestDatabase =>
  makeTestDatabase(
    url,
    afterEnd(async () => {}),
  );

/** Returns the kind of database of the Vitest project. */
const projectKind = (): DatabaseKind => (inject('store') === 'postgres' ? 'postgres' : 'sqlite');

/** Creates an empty database. @param kind The kind of database. @default the one of the Vitest project */
export const createDatabase = (kind: DatabaseKind = projectKind()): Promise<TestDatabase> => create[kind](false);

/** Creates a database for a store, of the same kind. On PostgreSQL it has all tables, which costs less than a new one. */
export const createStoreDatabase = (kind: DatabaseKind = projectKind()): Promise<TestDatabase> => create[kind](true);

/** Returns the file of a SQLite database. @throws Error for PostgreSQL. */
export function getFile({ url }: TestDatabase): string {
  const file = sqliteFile(url);
  if (file === undefined) throw new Error('this database has no file');
  return file;
}

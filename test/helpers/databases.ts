import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, type RawBuilder, sql } from 'kysely';
import { inject } from 'vitest';
import { isPostgres, sqliteFile } from '../../server/store/database-url.ts';
import { postgresDialect } from '../../server/store/dialects/postgres.ts';
import { sqliteDialect } from '../../server/store/dialects/sqlite.ts';
import type { Schema } from '../../server/store/sql/schema.ts';

export type Row = Record<string, unknown>;

/** A database and a connection to it behind the server's back. Dispose of it with `await using`. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  /** The connection, made when it is first asked for. */
  connect(): Promise<Kysely<Schema>>;
  /** Ends that connection, for what needs the database to itself. */
  disconnect(): Promise<void>;
  /** Runs a statement and gives the rows that come back. */
  rows(statement: RawBuilder<unknown>): Promise<Row[]>;
  /** Every row of every table, by table: equal exactly when nothing was written in between. */
  dump(): Promise<Record<string, Row[]>>;
  /** Keeps all others from writing until it is disposed of. */
  lock(): Promise<AsyncDisposable>;
}

/** The kinds of database that the server can keep everything in. */
export type DatabaseKind = 'sqlite' | 'postgres';

/** A connection of a test. On SQLite it waits for others, and nobody needs what it writes to survive a crash. */
async function connect(url: string): Promise<Kysely<Schema>> {
  const file = sqliteFile(url);
  const dialect = file === undefined ? postgresDialect(url, { size: 1 }) : sqliteDialect(file);
  const db = new Kysely<Schema>({ dialect: dialect.kysely });
  if (file !== undefined) {
    await sql`PRAGMA busy_timeout = 1000`.execute(db);
    await sql`PRAGMA synchronous = OFF`.execute(db);
  }
  return db;
}

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

function describeDatabase(url: string, remove: () => Promise<unknown>): TestDatabase {
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
      await disconnect();
      await remove();
    },
  };
}

/** Runs a statement on the PostgreSQL of this run, in none of the databases of the tests. */
async function runOnServer(statement: RawBuilder<unknown>): Promise<void> {
  const db = await connect(`${inject('postgresUrl')}/postgres`);
  await statement.execute(db);
  await db.destroy();
}

const create: Record<DatabaseKind, () => Promise<TestDatabase>> = {
  async sqlite() {
    const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-database-'));
    return describeDatabase(`sqlite:${join(folder, 'test.db')}`, () => rm(folder, { recursive: true, force: true }));
  },
  async postgres() {
    const name = `test_${randomUUID()}`;
    await runOnServer(sql`CREATE DATABASE ${sql.id(name)}`);
    return describeDatabase(`${inject('postgresUrl')}/${name}`, () =>
      runOnServer(sql`DROP DATABASE ${sql.id(name)} WITH (FORCE)`),
    );
  },
};

/** A database that is there already. */
export const databaseAt = (url: string): TestDatabase => describeDatabase(url, async () => {});

/** A fresh database of the kind that this run of the tests is about, or of another kind. */
export const createDatabase = (kind: DatabaseKind = inject('store')): Promise<TestDatabase> => create[kind]();

/** The file of a database in SQLite. */
export function fileOf({ url }: TestDatabase): string {
  const file = sqliteFile(url);
  if (file === undefined) throw new Error('this database is not a file');
  return file;
}

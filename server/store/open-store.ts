import { existsSync } from 'node:fs';
import { isPostgres, readFrom, sqliteFile } from './database-url.ts';
import type { StoreDialect } from './dialects/dialect.ts';
import { type SqliteOptions, sqliteDialect } from './dialects/sqlite.ts';
import { isInstallation } from './dialects/sqlite-file.ts';
import { openSqlStore } from './sql/sql-store.ts';
import { type Store, StoreMissing } from './store.ts';

/** Connections to PostgreSQL at most, unless the configuration says otherwise. */
export const defaultPoolSize = 10;

/**
 * Options of `openStore`.
 * @example
 * const options: StoreOptions = { poolSize: 5 };
 * const own = await openStore('sqlite::memory:', options);
 * await own.close();
 */
export interface StoreOptions extends SqliteOptions {
  /**
   * The number of connections to PostgreSQL at most.
   * @default 10
   */
  readonly poolSize?: number;
  /** The URL of a replica of a PostgreSQL database, for lists. @default none */
  readonly replicaUrl?: string;
  /**
   * Whether the database has to be there already, as for commands.
   * @default false, which makes it
   */
  readonly mustExist?: boolean;
}

/**
 * Opens the dialect of the database that a URL names: `sqlite:` and a file, `sqlite::memory:`, or `postgres://…`.
 * @throws Error for every other URL
 */
export async function openDialect(url: string, options: StoreOptions = {}): Promise<StoreDialect> {
  const file = sqliteFile(url);
  if (file !== undefined) return sqliteDialect(file, options);
  if (!isPostgres(url)) throw new Error('the database URL is neither sqlite:<file> nor postgres://…');
  // Loaded only where it is needed: the embedded default has no driver.
  const { postgresDialect } = await import('./dialects/postgres.ts');
  const { openPool } = await import('./dialects/postgres-pool.ts');
  const { replicaUrl, poolSize: size = defaultPoolSize } = options;
  const pool = openPool(url, { size });
  if (replicaUrl === undefined) return postgresDialect(pool);
  return postgresDialect(
    pool,
    readFrom('DATABASE_REPLICA_URL', () => openPool(replicaUrl, { size })),
  );
}

/**
 * Opens the store that a database URL names, and migrates it.
 * @throws StoreUnavailable, StoreNotDurable, StoreTooNew, StoreMissing
 * @example const store = await openStore('sqlite:.data/oauth-apps.db');
 */
export async function openStore(url: string, options: StoreOptions = {}): Promise<Store> {
  const { mustExist = false } = options;
  const file = sqliteFile(url);
  // Opening would create it, or change one of another program.
  if (mustExist && file !== undefined && !(existsSync(file) && isInstallation(file)))
    throw new StoreMissing('there is no such file, or no installation in it');
  return openSqlStore(await openDialect(url, options), mustExist);
}

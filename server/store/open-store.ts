import { isPostgres, sqliteFile } from './database-url.ts';
import type { StoreDialect } from './dialects/dialect.ts';
import { openSqlStore } from './sql/sql-store.ts';
import { type FileOptions, sqliteDialect } from './dialects/sqlite.ts';
import type { Store } from './store.ts';

const defaultPoolSize = 10;

export interface StoreOptions extends FileOptions {
  /** Connections to PostgreSQL at most. Default: 10. */
  readonly poolSize?: number;
}

/** The dialect of the database that a URL names: `sqlite:` and a file, `sqlite::memory:`, or `postgres://…`. */
export async function openDialect(url: string, options: StoreOptions = {}): Promise<StoreDialect> {
  const file = sqliteFile(url);
  if (file !== undefined) return sqliteDialect(file, options);
  if (!isPostgres(url)) throw new Error('the database URL is neither sqlite:<file> nor postgres://…');
  // Loaded only where it is needed: the embedded default does without the driver.
  const { postgresDialect } = await import('./dialects/postgres.ts');
  return postgresDialect(url, { size: options.poolSize ?? defaultPoolSize });
}

/** Opens the store that a database URL names. */
export async function openStore(url: string, options?: StoreOptions): Promise<Store> {
  return openSqlStore(await openDialect(url, options));
}

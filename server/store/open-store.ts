import { isPostgres, sqliteFile } from './database-url.ts';
import { openSqlStore } from './sql-store.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import type { Store } from './store.ts';

const defaultPoolSize = 10;

export interface StoreOptions {
  /** Connections to PostgreSQL at most. Default: 10. */
  readonly poolSize?: number;
}

/** Opens the store that a database URL names: `sqlite:` and a file, `sqlite::memory:`, or `postgres://…`. */
export async function openStore(url: string, { poolSize = defaultPoolSize }: StoreOptions = {}): Promise<Store> {
  const file = sqliteFile(url);
  if (file !== undefined) return openSqlStore(sqliteDialect(file));
  if (!isPostgres(url)) throw new Error('the database URL is neither sqlite:<file> nor postgres://…');
  // Loaded only where it is needed: the embedded default does without the driver.
  const { postgresDialect } = await import('./postgres-dialect.ts');
  return openSqlStore(postgresDialect(url, { size: poolSize }));
}

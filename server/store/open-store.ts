import { sqliteFile } from './database-url.ts';
import { openSqlStore } from './sql-store.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import type { Store } from './store.ts';

/** Opens the store that a database URL names: `sqlite:` and a file, or `sqlite::memory:`. */
export async function openStore(url: string): Promise<Store> {
  const file = sqliteFile(url);
  if (file === undefined) throw new Error('the database URL is not sqlite:<file>');
  return openSqlStore(sqliteDialect(file));
}

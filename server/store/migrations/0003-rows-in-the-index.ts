import type { Kysely } from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';

/**
 * The apps of an account side by side, in SQLite: the index that a list follows holds the rows themselves. Apps of many
 * accounts come in mixed, so that each row of a list would otherwise be on another page of the table. PostgreSQL does
 * without: it takes no more than 2.7 KB into an index, and finds rows at little cost.
 */
export async function up(db: Kysely<unknown>, { pool }: StoreDialect): Promise<void> {
  if (pool !== undefined) return;
  const rest = ['id', 'provider', 'name', 'client_id', 'client_secret', 'secret_key_id', 'metadata'];
  const columns = ['account_id', 'position', ...rest, 'created_at', 'updated_at', 'version'];
  await db.schema.dropIndex('oauth_apps_by_account').execute();
  await db.schema.createIndex('oauth_apps_by_account').on('oauth_apps').columns(columns).execute();
}

import type { Kysely } from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';

/**
 * Makes the index that a list follows in SQLite hold the whole rows. Accounts create apps in mixed order, so without it
 * each row of a list is on another page of the table. PostgreSQL has no such index: it takes at most 2.7 KB per entry,
 * and reads scattered rows at little cost.
 */
export async function up(db: Kysely<unknown>, { pool }: StoreDialect): Promise<void> {
  if (pool !== undefined) return;
  const rest = ['id', 'provider', 'name', 'client_id', 'client_secret', 'secret_key_id', 'metadata'];
  const columns = ['account_id', 'position', ...rest, 'created_at', 'updated_at', 'version'];
  await db.schema.dropIndex('oauth_apps_by_account').execute();
  await db.schema.createIndex('oauth_apps_by_account').on('oauth_apps').columns(columns).execute();
}

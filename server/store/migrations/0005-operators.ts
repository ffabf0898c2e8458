import { type Kysely, sql } from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';

/**
 * Adds what operators need: facts of tokens, the subjects of audit rows, the version of each secret, facts of the whole
 * installation, and an index by which old responses are purged.
 */
export async function up(db: Kysely<unknown>, { pool, finishTable }: StoreDialect): Promise<void> {
  for (const column of ['name', 'prefix', 'slot', 'expires_at', 'last_used_on'])
    await db.schema.alterTable('api_tokens').addColumn(column, 'text').execute();
  const addText = (table: string, column: string) =>
    db.schema
      .alterTable(table)
      .addColumn(column, 'text', (added) => added.notNull().defaultTo(sql.lit('')))
      .execute();
  await addText('audit', 'subjects');
  await addText('oauth_apps', 'secret_version');
  await finishTable(
    db.schema
      .createTable('installation')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('value', 'text', (column) => column.notNull()),
  ).execute();
  await db.schema.dropIndex('idempotency_keys_by_age').execute();
  await db.schema.createIndex('idempotency_keys_by_time').on('idempotency_keys').column('created_at').execute();
  if (pool !== undefined) return;
  // In SQLite this index holds the whole rows.
  const rest = ['id', 'provider', 'name', 'client_id', 'client_secret', 'secret_key_id', 'secret_version', 'metadata'];
  const columns = ['account_id', 'position', ...rest, 'created_at', 'updated_at', 'version'];
  await db.schema.dropIndex('oauth_apps_by_account').execute();
  await db.schema.createIndex('oauth_apps_by_account').on('oauth_apps').columns(columns).execute();
}

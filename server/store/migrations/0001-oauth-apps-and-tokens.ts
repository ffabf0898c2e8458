import type { Kysely } from 'kysely';
import type { StoreDialect } from '../dialect.ts';

/** OAuth apps, the fingerprints that the metadata filter looks up, and API tokens. */
export async function up(db: Kysely<unknown>, { countingColumn, finishTable }: StoreDialect): Promise<void> {
  await finishTable(
    db.schema
      .createTable('oauth_apps')
      .addColumn('position', countingColumn.type, countingColumn.define)
      .addColumn('id', 'text', (column) => column.notNull().unique())
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('provider', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('client_id', 'text', (column) => column.notNull())
      .addColumn('client_secret', 'text', (column) => column.notNull())
      .addColumn('secret_key_id', 'text', (column) => column.notNull())
      .addColumn('metadata', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'text', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull()),
  ).execute();
  await db.schema.createIndex('oauth_apps_by_account').on('oauth_apps').columns(['account_id', 'position']).execute();
  await finishTable(
    db.schema
      .createTable('oauth_app_properties')
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('fingerprint', 'text', (column) => column.notNull())
      .addColumn('app_position', countingColumn.type, (column) =>
        column.notNull().references('oauth_apps.position').onDelete('cascade'),
      )
      .addPrimaryKeyConstraint('oauth_app_properties_key', ['account_id', 'fingerprint', 'app_position']),
  ).execute();
  await db.schema
    .createIndex('oauth_app_properties_by_app')
    .on('oauth_app_properties')
    .column('app_position')
    .execute();
  await finishTable(
    db.schema
      .createTable('api_tokens')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull().unique())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('revoked_at', 'text'),
  ).execute();
}

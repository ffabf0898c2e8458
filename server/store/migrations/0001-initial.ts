import type { Kysely } from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';

/** Makes the tables of OAuth apps, of the fingerprints for the metadata filter, tokens, audit and stored responses. */
export async function up(db: Kysely<unknown>, dialect: StoreDialect): Promise<void> {
  const { numberColumn, finishTable } = dialect;
  await finishTable(
    db.schema
      .createTable('accounts')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('app_count', 'integer', (column) => column.notNull()),
  ).execute();
  await finishTable(
    db.schema
      .createTable('oauth_apps')
      .addColumn('position', numberColumn.type, numberColumn.define)
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
      .addColumn('app_position', numberColumn.type, (column) =>
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
  await finishTable(
    db.schema
      .createTable('audit')
      .addColumn('position', numberColumn.type, numberColumn.define)
      .addColumn('at', 'text', (column) => column.notNull())
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('token_id', 'text', (column) => column.notNull())
      .addColumn('request_id', 'text', (column) => column.notNull())
      .addColumn('operation', 'text', (column) => column.notNull())
      .addColumn('app_id', 'text')
      .addColumn('fields', 'text', (column) => column.notNull()),
  ).execute();
  for (const statement of dialect.makeAppendOnly('audit')) await statement.execute(db);
  await db.schema.createIndex('audit_by_account').on('audit').columns(['account_id', 'position']).execute();
  await finishTable(
    db.schema
      .createTable('idempotency_keys')
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('fingerprint', 'text', (column) => column.notNull())
      .addColumn('answer', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('idempotency_keys_key', ['account_id', 'key']),
  ).execute();
  await db.schema
    .createIndex('idempotency_keys_by_age')
    .on('idempotency_keys')
    .columns(['account_id', 'created_at'])
    .execute();
}

import { type Kysely, sql } from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';
import { buildWriteFunction } from '../sql/write-function.ts';

/**
 * Makes the function of the writes, where several servers share the database. It removes the properties of an app itself:
 * the foreign key cost a lookup for each property. Makes every key begin with the account, so that a database can be split
 * by account and one index less is written.
 */
export async function up(db: Kysely<unknown>, { pool }: StoreDialect): Promise<void> {
  if (pool === undefined) return;
  const statements = [
    sql`ALTER TABLE oauth_app_properties DROP CONSTRAINT oauth_app_properties_app_position_fkey`,
    sql`DROP INDEX oauth_app_properties_by_app`,
    sql`DROP INDEX oauth_apps_by_account`,
    sql`ALTER TABLE oauth_apps DROP CONSTRAINT oauth_apps_pkey, DROP CONSTRAINT oauth_apps_id_key,
      ADD CONSTRAINT oauth_apps_by_account PRIMARY KEY (account_id, position),
      ADD CONSTRAINT oauth_apps_id_key UNIQUE (account_id, id)`,
    sql`CREATE INDEX oauth_app_properties_by_app ON oauth_app_properties (account_id, app_position)`,
    // The rotation of keys reads the apps of all accounts in their order.
    sql`CREATE INDEX oauth_apps_by_position ON oauth_apps (position)`,
    sql`DROP INDEX audit_by_account`,
    sql`ALTER TABLE audit DROP CONSTRAINT audit_pkey, ADD CONSTRAINT audit_by_account PRIMARY KEY (account_id, position)`,
    sql`CREATE INDEX audit_by_position ON audit (position)`,
    buildWriteFunction(),
  ];
  for (const statement of statements) await statement.execute(db);
}

import { Kysely, sql } from 'kysely';
import { sqliteFile } from '../../server/store/database-url.ts';
import { postgresDialect } from '../../server/store/dialects/postgres.ts';
import { openPool } from '../../server/store/dialects/postgres-pool.ts';
import { sqliteDialect } from '../../server/store/dialects/sqlite.ts';
import type { Schema } from '../../server/store/sql/schema.ts';

/** Opens the connection of a test. On SQLite it waits for locks, and it does not sync because no test needs durability. */
export async function connect(url: string): Promise<Kysely<Schema>> {
  const file = sqliteFile(url);
  const dialect = file === undefined ? postgresDialect(openPool(url, { size: 1 })) : sqliteDialect(file);
  const db = new Kysely<Schema>({ dialect: dialect.kysely });
  if (file !== undefined) {
    await sql`PRAGMA busy_timeout = 1000`.execute(db);
    await sql`PRAGMA synchronous = OFF`.execute(db);
  }
  return db;
}

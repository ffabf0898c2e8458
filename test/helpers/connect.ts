import { Kysely, sql } from 'kysely';
import { sqliteFile } from '../../server/store/database-url.ts';
import { postgresDialect } from '../../server/store/dialects/postgres.ts';
import { openPool } from '../../server/store/dialects/postgres-pool.ts';
import { sqliteDialect } from '../../server/store/dialects/sqlite.ts';
import type { Schema } from '../../server/store/sql/schema.ts';

/** Times that a connection to PostgreSQL is tried. */
const attempts = 10;

/** Connects to PostgreSQL. A busy machine may take longer than the product's time limit. Other errors show at the first use. */
async function connectPatiently(db: Kysely<Schema>): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const error = await sql`SELECT 1`.execute(db).then(
      () => undefined,
      (thrown: { code?: string }) => thrown,
    );
    if (error?.code !== 'CONNECTION') return;
  }
}

/** Opens the connection of a test. On SQLite it waits for locks, and it does not sync because no test needs durability. */
export async function connect(url: string): Promise<Kysely<Schema>> {
  const file = sqliteFile(url);
  const dialect = file === undefined ? postgresDialect(openPool(url, { size: 1 })) : sqliteDialect(file);
  const db = new Kysely<Schema>({ dialect: dialect.kysely });
  if (file === undefined) {
    await connectPatiently(db);
  } else {
    await sql`PRAGMA busy_timeout = 1000`.execute(db);
    await sql`PRAGMA synchronous = OFF`.execute(db);
  }
  return db;
}

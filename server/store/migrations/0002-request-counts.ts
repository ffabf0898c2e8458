import type { Kysely } from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';

/** Makes the table of the requests of each token in this minute, where several servers count together. */
export async function up(db: Kysely<unknown>, { pool, finishTable }: StoreDialect): Promise<void> {
  if (pool === undefined) return;
  await finishTable(
    db.schema
      .createTable('request_counts')
      .addColumn('key', 'varchar(255)', (column) => column.primaryKey())
      .addColumn('points', 'integer', (column) => column.notNull())
      .addColumn('expire', 'bigint'),
  ).execute();
}

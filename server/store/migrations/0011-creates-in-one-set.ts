import type { Kysely } from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';
import { buildWriteFunction } from '../sql/write-function.ts';

/** Makes the function that creates OAuth apps as one set, where several servers share the database. */
export async function up(db: Kysely<unknown>, { pool }: StoreDialect): Promise<void> {
  if (pool !== undefined) await buildWriteFunction().execute(db);
}

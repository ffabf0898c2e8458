import type { Kysely } from 'kysely';

/** Renames the column of stored responses. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('idempotency_keys').renameColumn('answer', 'response').execute();
}

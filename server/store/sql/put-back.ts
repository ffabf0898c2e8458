/** Finds rows that were put back outside of the store, by what the audit has of them. */
import { type Kysely, sql } from 'kysely';
import type { AuditedOperations, OwnedRecord, RecordTable } from '../store.ts';
import type { Schema } from './schema.ts';
import { recordTables } from './tables.ts';

type PutBack = Pick<OwnedRecord, 'account_id' | 'id'>;

const names = (operations: readonly string[]) => sql.join(operations.map((name) => sql`${name}`));

/** A record begins with version 1, and every update that is audited raises it. */
const select = (table: RecordTable, { updates, deletes, restore }: AuditedOperations) => sql<PutBack>`
  SELECT record.account_id, record.id FROM ${sql.table(table)} record
    JOIN (
      SELECT account_id, app_id, count(CASE WHEN operation IN (${names(updates)}) THEN 1 END) AS updates,
        max(CASE WHEN operation IN (${names(deletes)}) THEN position END) AS deleted
      FROM audit WHERE operation IN (${names([...updates, ...deletes])}) GROUP BY account_id, app_id
    ) known ON known.account_id = record.account_id AND known.app_id = record.id
    WHERE record.version <= known.updates OR known.deleted > (
      SELECT coalesce(max(position), 0) FROM audit WHERE operation = ${restore}
    )
    ORDER BY record.position`;

/** Lists the records of all tables that were put back. Reads the whole audit. */
export async function listPutBack(db: Kysely<Schema>, operations: AuditedOperations): Promise<PutBack[]> {
  const found: PutBack[] = [];
  for (const table of recordTables) found.push(...(await select(table, operations).execute(db)).rows);
  return found;
}

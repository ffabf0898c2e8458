import { sql } from 'kysely';
import { numberedTables, type TableName, tableNames } from '../sql/tables.ts';
import { addRows, checksumTable, createChecksum, type RowChecksum, readRows } from './copy-rows.ts';
import { type Endpoint, openEndpoint } from './endpoint.ts';
import { TransferError } from './transfer-error.ts';

/** Called with the number of rows copied of all, and then with the number of those read back and compared. */
export type OnProgress = (step: 'copied' | 'compared', done: number, total: number) => void;

/** The number of transferred rows by table. */
export type Transferred = ReadonlyMap<TableName, number>;

async function countRows({ run }: Endpoint): Promise<number> {
  let total = 0;
  for (const table of tableNames) {
    const query = (db: Parameters<typeof checksumTable>[0]) =>
      sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(db);
    total += (await run(query)).rows[0]?.n ?? 0;
  }
  return total;
}

/** Copies a table. Returns the checksum of the rows that were read. */
async function copyTable(source: Endpoint, target: Endpoint, table: TableName, onRows: (rows: number) => void) {
  const checksum = createChecksum();
  await source.run(async (from) => {
    for await (const rows of readRows(from, table)) {
      checksum.add(rows);
      await target.run((to) => addRows(to, target.dialect, table, rows));
      onRows(rows.length);
    }
  });
  return checksum.read();
}

/** Continues the sequence of a table where the source stopped: a number is never used twice, even for a deleted row. */
async function carrySequence(source: Endpoint, target: Endpoint, table: TableName): Promise<void> {
  const sequence = await source.run((db) => source.dialect.transfer.readSequence(table).execute(db));
  const last = sequence.rows[0]?.last ?? 0;
  if (last === 0) return;
  for (const statement of target.dialect.transfer.setSequence(table, last))
    await target.run((db) => statement.execute(db));
}

/** Reads a table back and compares its checksum. @throws TransferError */
async function compareTable({ name, run }: Endpoint, table: TableName, expected: RowChecksum): Promise<void> {
  const seen = await run((db) => checksumTable(db, table));
  if (seen.rows === expected.rows && seen.checksum === expected.checksum) return;
  throw new TransferError(`The rows of ${table} in ${name} are not those that were read. Nothing was transferred.`);
}

/**
 * Transfers an installation into an empty database: every row as it is, so that tokens, secrets, cursors, ETags and
 * stored responses stay valid. Both databases are locked against other writers. Everything is read back and compared
 * before one commit.
 * @throws TransferError when nothing was transferred.
 */
export async function transferInstallation(from: string, to: string, onProgress: OnProgress): Promise<Transferred> {
  await using source = await openEndpoint(from, 'source');
  await using target = await openEndpoint(to, 'target');
  const total = await countRows(source);
  const checksums = new Map<TableName, RowChecksum>();
  let copied = 0;
  for (const table of tableNames) {
    const checksum = await copyTable(source, target, table, (rows) => {
      copied += rows;
      onProgress('copied', copied, total);
    });
    checksums.set(table, checksum);
  }
  for (const table of numberedTables) await carrySequence(source, target, table);
  let compared = 0;
  for (const [table, checksum] of checksums) {
    await compareTable(target, table, checksum);
    compared += checksum.rows;
    onProgress('compared', compared, total);
  }
  await target.commit();
  return new Map([...checksums].map(([table, { rows }]) => [table, rows]));
}

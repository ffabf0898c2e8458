import { sql } from 'kysely';
import { CopyError } from './transfer-error.ts';
import {
  addRows,
  countingTables,
  createSum,
  readRows,
  type Sum,
  sumTable,
  type TableName,
  tableNames,
} from './copy-rows.ts';
import { type MoveEnd, openMoveEnd } from './endpoint.ts';

/** Hears how many rows of all were copied, and then how many of them were read back and compared. */
export type TellProgress = (step: 'copied' | 'compared', done: number, total: number) => void;

/** What was moved: how many rows of each table. */
export type Moved = ReadonlyMap<TableName, number>;

async function countRows({ run }: MoveEnd): Promise<number> {
  let total = 0;
  for (const table of tableNames) {
    const query = (db: Parameters<typeof sumTable>[0]) =>
      sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(db);
    total += (await run(query)).rows[0]?.n ?? 0;
  }
  return total;
}

/** Copies a table, and gives the sum of what was read. */
async function copyTable(source: MoveEnd, target: MoveEnd, table: TableName, tell: (rows: number) => void) {
  const sum = createSum();
  await source.run(async (from) => {
    for await (const rows of readRows(from, table)) {
      sum.add(rows);
      await target.run((to) => addRows(to, target.dialect, table, rows));
      tell(rows.length);
    }
  });
  return sum.read();
}

/** Has a table go on counting where it would have: a number is never given twice, even if its row has gone. */
async function carryCounter(source: MoveEnd, target: MoveEnd, table: TableName): Promise<void> {
  const counter = await source.run((db) => source.dialect.moving.readCounter(table).execute(db));
  const last = counter.rows[0]?.last ?? 0;
  if (last === 0) return;
  for (const statement of target.dialect.moving.setCounter(table, last))
    await target.run((db) => statement.execute(db));
}

/** Reads a table back. */
async function compareTable({ name, run }: MoveEnd, table: TableName, expected: Sum): Promise<void> {
  const seen = await run((db) => sumTable(db, table));
  if (seen.rows === expected.rows && seen.checksum === expected.checksum) return;
  throw new CopyError(`The rows of ${table} in ${name} are not those that were read. Nothing was moved.`);
}

/**
 * Moves an installation into an empty database: every row as it is, so that tokens, secrets, cursors, ETags and answers
 * to repeated calls stay good. Nobody can write to either database meanwhile. Everything is read back and compared
 * before it is committed as a whole. Rejects with `CopyError`, and then nothing was moved.
 */
export async function moveInstallation(from: string, to: string, tell: TellProgress): Promise<Moved> {
  await using source = await openMoveEnd(from, 'source');
  await using target = await openMoveEnd(to, 'target');
  const total = await countRows(source);
  const sums = new Map<TableName, Sum>();
  let copied = 0;
  for (const table of tableNames) {
    const sum = await copyTable(source, target, table, (rows) => {
      copied += rows;
      tell('copied', copied, total);
    });
    sums.set(table, sum);
  }
  for (const table of countingTables) await carryCounter(source, target, table);
  let compared = 0;
  for (const [table, sum] of sums) {
    await compareTable(target, table, sum);
    compared += sum.rows;
    tell('compared', compared, total);
  }
  await target.commit();
  return new Map([...sums].map(([table, { rows }]) => [table, rows]));
}

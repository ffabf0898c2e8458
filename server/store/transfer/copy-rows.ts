import { hash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';
import type { Schema } from '../sql/schema.ts';
import { type TableName, tables } from '../sql/tables.ts';

/** A row of any table. */
export type Row = Readonly<Record<string, string | number | null>>;

/** 500 rows of the largest apps are a few megabytes, within the parameter limits of both databases. */
const rowsAtOnce = 500;

/** Yields all rows of a table, up to 500 at a time, in the order of its key as this database sorts it. */
export async function* readRows(db: Kysely<Schema>, table: TableName): AsyncGenerator<Row[]> {
  const keys: readonly string[] = tables[table].key;
  const columns = sql.join(keys.map((key) => sql.ref(key)));
  for (let last: Row | undefined; ; ) {
    const position = last && sql.join(keys.map((key) => last?.[key]));
    const behind = position ? sql`WHERE (${columns}) > (${position})` : sql``;
    const query = sql<Row>`SELECT * FROM ${sql.table(table)} ${behind} ORDER BY ${columns} LIMIT ${rowsAtOnce}`;
    const { rows } = await query.execute(db);
    if (rows.length > 0) yield rows;
    if (rows.length < rowsAtOnce) return;
    last = rows.at(-1);
  }
}

/** Inserts rows as they are, their numbers included. */
export async function addRows(db: Kysely<Schema>, { transfer }: StoreDialect, table: TableName, rows: readonly Row[]) {
  const names = Object.keys(rows[0] ?? {});
  const columns = sql.join(names.map((name) => sql.ref(name)));
  const values = sql.join(rows.map((row) => sql`(${sql.join(names.map((name) => row[name]))})`));
  await sql`INSERT INTO ${sql.table(table)} (${columns}) ${transfer.overridingNumbers} VALUES ${values}`.execute(db);
}

/** The number of rows, and a checksum over all of them. */
export interface RowChecksum {
  readonly rows: number;
  readonly checksum: string;
}

/** Creates a checksum: the sum of the SHA-256 of all rows. Their order does not matter, as databases sort text differently. */
export function createChecksum() {
  let [count, total] = [0, 0n];
  return {
    add(rows: readonly Row[]) {
      for (const row of rows) {
        const values = Object.entries(row).sort(([one], [other]) => (one < other ? -1 : 1));
        const digest = hash('sha256', JSON.stringify(values), 'hex');
        total = BigInt.asUintN(256, total + BigInt(`0x${digest}`));
      }
      count += rows.length;
    },
    read: (): RowChecksum => ({ rows: count, checksum: total.toString(16) }),
  };
}

/** Computes the checksum of all rows of a table. */
export async function checksumTable(db: Kysely<Schema>, table: TableName): Promise<RowChecksum> {
  const checksum = createChecksum();
  for await (const rows of readRows(db, table)) checksum.add(rows);
  return checksum.read();
}

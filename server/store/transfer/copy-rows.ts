import { hash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';
import type { Schema } from '../sql/schema.ts';

/** What every column of every table holds. */
export type Row = Readonly<Record<string, string | number | null>>;

export type TableName = keyof Schema;

/**
 * Every table of an installation and the columns that tell its rows apart, in an order in which they can be filled.
 * What is not here, such as the requests of the present minute, is not worth keeping.
 */
export const keysOfTables = {
  accounts: ['id'],
  oauth_apps: ['position'],
  oauth_app_properties: ['account_id', 'fingerprint', 'app_position'],
  api_tokens: ['id'],
  audit: ['position'],
  idempotency_keys: ['account_id', 'key'],
} as const satisfies { [Table in TableName]: readonly (keyof Schema[Table])[] };

export const tableNames = Object.keys(keysOfTables) as TableName[];
/** The tables that number their rows. */
export const countingTables = ['oauth_apps', 'audit'] as const satisfies TableName[];

/** So many rows of the largest apps are a few megabytes, and less than either database takes in parameters. */
const rowsAtOnce = 500;

/** All rows of a table, some hundred at a time, in the order of its key as this database sorts it. */
export async function* readRows(db: Kysely<Schema>, table: TableName): AsyncGenerator<Row[]> {
  const keys: readonly string[] = keysOfTables[table];
  const columns = sql.join(keys.map((key) => sql.ref(key)));
  for (let last: Row | undefined; ; ) {
    const place = last && sql.join(keys.map((key) => last?.[key]));
    const behind = place ? sql`WHERE (${columns}) > (${place})` : sql``;
    const query = sql<Row>`SELECT * FROM ${sql.table(table)} ${behind} ORDER BY ${columns} LIMIT ${rowsAtOnce}`;
    const { rows } = await query.execute(db);
    if (rows.length > 0) yield rows;
    if (rows.length < rowsAtOnce) return;
    last = rows.at(-1);
  }
}

/** Adds rows as they are, the numbers of those that are counted included. */
export async function addRows(db: Kysely<Schema>, { moving }: StoreDialect, table: TableName, rows: readonly Row[]) {
  const names = Object.keys(rows[0] ?? {});
  const columns = sql.join(names.map((name) => sql.ref(name)));
  const values = sql.join(rows.map((row) => sql`(${sql.join(names.map((name) => row[name]))})`));
  await sql`INSERT INTO ${sql.table(table)} (${columns}) ${moving.keepNumbers} VALUES ${values}`.execute(db);
}

/** How many rows there are, and a checksum over all of them. */
export interface Sum {
  readonly rows: number;
  readonly checksum: string;
}

/** Adds up the SHA-256 of rows. Their order does not matter: databases sort text each in their own way. */
export function createSum() {
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
    read: (): Sum => ({ rows: count, checksum: total.toString(16) }),
  };
}

/** The sum over all rows that a table holds. */
export async function sumTable(db: Kysely<Schema>, table: TableName): Promise<Sum> {
  const sum = createSum();
  for await (const rows of readRows(db, table)) sum.add(rows);
  return sum.read();
}

import type { Generated } from 'kysely';
import { type RecordOf, type RecordTable, type RecordTypes, type SecretColumns, secretColumns } from '../store.ts';
import type { Schema } from './schema.ts';

export type TableName = keyof Schema;

type Column<Table extends TableName> = keyof Schema[Table] & string;

/** The facts about a table that its columns do not say. */
export interface Facts<Table extends TableName> {
  /** The columns that identify a row. */
  readonly key: readonly [Column<Table>, ...Column<Table>[]];
  /** The column with the account that a row belongs to; undefined where rows belong to the installation. */
  readonly account: Column<Table> | undefined;
  /** Whether the database numbers the rows, in the column `position`. */
  readonly isNumbered: Schema[Table] extends { position: Generated<number> } ? true : false;
  /** Every column with sealed secrets. Such a table is numbered, and has the columns `id` and `account_id`. */
  readonly secrets: SecretColumns<Schema[Table]>;
  /** The facts about the records of the API that the rows are; undefined for all other rows. */
  readonly record: Table extends RecordTable ? RecordFacts<Table> : undefined;
}

/** The facts about records, from which their statements follow. */
export interface RecordFacts<Table extends RecordTable> {
  /** Every column of a record, and whether an update may replace it. */
  readonly columns: {
    readonly [Name in keyof RecordOf<Table>]: Name extends RecordTypes[Table]['changed'] ? 'changed' : 'kept';
  };
  /** Every column that a list filters by. */
  readonly filters: { readonly [Name in RecordTypes[Table]['filtered']]: true };
  /** The column of `accounts` that counts the records of an account, for the quota. */
  readonly counter: CounterColumn;
  /** The table with the fingerprints of the metadata of records, by their positions. Left out: they have no metadata. */
  readonly fingerprints?: { readonly table: TableName; readonly position: string };
}

type CounterColumn = Exclude<Column<'accounts'>, 'id'>;

/**
 * The tables of an installation, in an order in which they can be filled. Key rotation, `import`, `restore`, the statements
 * of records and the tests of statements follow from them. A table or a column that is missing here does not compile.
 */
export const tables = {
  accounts: { key: ['id'], account: 'id', isNumbered: false, secrets: {}, record: undefined },
  oauth_apps: {
    key: ['position'],
    account: 'account_id',
    isNumbered: true,
    secrets: secretColumns.oauth_apps,
    record: {
      columns: {
        ...{ id: 'kept', account_id: 'kept', provider: 'kept', name: 'changed', client_id: 'kept' },
        ...{ client_secret: 'changed', secret_key_id: 'changed', secret_version: 'changed', metadata: 'changed' },
        ...{ created_at: 'kept', updated_at: 'changed', version: 'kept' },
      },
      filters: { provider: true, secret_key_id: true },
      counter: 'app_count',
      fingerprints: { table: 'oauth_app_properties', position: 'app_position' },
    },
  },
  oauth_app_properties: {
    key: ['account_id', 'fingerprint', 'app_position'],
    account: 'account_id',
    isNumbered: false,
    secrets: {},
    record: undefined,
  },
  api_tokens: { key: ['id'], account: 'account_id', isNumbered: false, secrets: {}, record: undefined },
  audit: { key: ['position'], account: 'account_id', isNumbered: true, secrets: {}, record: undefined },
  idempotency_keys: {
    key: ['account_id', 'key'],
    account: 'account_id',
    isNumbered: false,
    secrets: {},
    record: undefined,
  },
  installation: { key: ['name'], account: undefined, isNumbered: false, secrets: {}, record: undefined },
} as const satisfies { readonly [Table in TableName]: Facts<Table> };

export const tableNames = Object.keys(tables) as TableName[];

/** The tables whose rows are records of the API. */
export const recordTables = tableNames.filter((name): name is RecordTable => tables[name].record !== undefined);

/** The columns of `accounts` that count records. */
export const counterColumns: readonly string[] = recordTables.map((table) => tables[table].record.counter);

/** The tables whose rows the database numbers. */
export const numberedTables: readonly TableName[] = tableNames.filter((name) => tables[name].isNumbered);

/** A column with sealed secrets. */
export interface SecretSource {
  readonly table: string;
  readonly column: string;
  readonly keyId: string;
  readonly version: string;
}

/** Every column with sealed secrets, of all tables. */
export const secretSources: readonly SecretSource[] = tableNames.flatMap((table) =>
  Object.entries<Omit<SecretSource, 'table' | 'column'>>(tables[table].secrets).map(([column, beside]) => ({
    ...{ table, column },
    ...beside,
  })),
);

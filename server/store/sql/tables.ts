import type { Generated } from 'kysely';
import type { Envelope } from '../store.ts';
import type { Schema } from './schema.ts';

export type TableName = keyof Schema;

type Column<Table extends TableName> = keyof Schema[Table] & string;

/** The columns of a table that hold sealed secrets, by their type. */
type SecretColumn<Table extends TableName> = {
  [Name in Column<Table>]: Schema[Table][Name] extends Envelope ? Name : never;
}[Column<Table>];

/** The columns beside a sealed secret: the id of its key, and the version that its envelope is bound to. */
interface SecretColumns<Table extends TableName> {
  readonly keyId: Column<Table>;
  readonly version: Column<Table>;
}

/** The facts about a table that its columns do not say. */
export interface Facts<Table extends TableName> {
  /** The columns that identify a row. */
  readonly key: readonly [Column<Table>, ...Column<Table>[]];
  /** The column with the account that a row belongs to; undefined where rows belong to the installation. */
  readonly account: Column<Table> | undefined;
  /** Whether the database numbers the rows, in the column `position`. */
  readonly isNumbered: Schema[Table] extends { position: Generated<number> } ? true : false;
  /** Every column with sealed secrets. Such a table is numbered, and has the columns `id` and `account_id`. */
  readonly secrets: { readonly [Name in SecretColumn<Table>]: SecretColumns<Table> };
}

/**
 * The tables of an installation, in an order in which they can be filled. Key rotation, `import`, `restore` and the tests
 * of statements follow from them. A table or a column of secrets that is missing here does not compile.
 */
export const tables = {
  accounts: { key: ['id'], account: 'id', isNumbered: false, secrets: {} },
  oauth_apps: {
    key: ['position'],
    account: 'account_id',
    isNumbered: true,
    secrets: { client_secret: { keyId: 'secret_key_id', version: 'secret_version' } },
  },
  oauth_app_properties: {
    key: ['account_id', 'fingerprint', 'app_position'],
    account: 'account_id',
    isNumbered: false,
    secrets: {},
  },
  api_tokens: { key: ['id'], account: 'account_id', isNumbered: false, secrets: {} },
  audit: { key: ['position'], account: 'account_id', isNumbered: true, secrets: {} },
  idempotency_keys: { key: ['account_id', 'key'], account: 'account_id', isNumbered: false, secrets: {} },
  installation: { key: ['name'], account: undefined, isNumbered: false, secrets: {} },
} as const satisfies { readonly [Table in TableName]: Facts<Table> };

export const tableNames = Object.keys(tables) as TableName[];

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

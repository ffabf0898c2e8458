import type { ColumnDefinitionBuilder, CreateTableBuilder, Dialect, Kysely, RawBuilder } from 'kysely';
import type { Schema } from '../sql/schema.ts';
import type { WriteStatements } from '../sql/statements.ts';
import type { Writer } from '../sql/writes.ts';
import type { Store } from '../store.ts';
import type { LendingPool } from './lending-pool.ts';
import type { Replica } from './replica.ts';

/** The differences between the databases that Kysely does not hide. */
export interface StoreDialect {
  readonly kysely: Dialect;
  /** The connections to a database that several servers share; undefined for a database in this process. */
  readonly pool?: LendingPool;
  /** The replica that may serve lists. */
  readonly replica?: Replica;
  /** Whether the database is in memory: empty at first, used by this process alone, and gone with it. */
  readonly isInMemory: boolean;
  /** Returns a query for the items of a JSON array, `value`, as text. */
  listText(json: RawBuilder<string>): RawBuilder<{ value: string }>;
  /** Returns a query for the items of a JSON array, `value`, as integers. */
  listIntegers(json: RawBuilder<string>): RawBuilder<{ value: number }>;
  /** The statements that begin the one transaction of all migrations. Left out: each migration has its own. */
  readonly beginMigration?: readonly RawBuilder<unknown>[];
  /** Opens the lookup of tokens, where one lookup serves several requests. */
  openLookup?(): Store['findToken'];
  /** Opens the writer of the database. The tables are there already. */
  openWriter(db: Kysely<Schema>, statements: WriteStatements): Writer;
  /** A column that numbers rows in the order in which they are added. */
  readonly numberColumn: {
    readonly type: 'integer' | 'bigint';
    define(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder;
  };
  /** Completes the definition of a new table, for example by SQLite's STRICT. */
  finishTable<Table extends string, Columns extends string>(
    table: CreateTableBuilder<Table, Columns>,
  ): CreateTableBuilder<Table, Columns>;
  /** Returns the statements that make a table append-only. */
  makeAppendOnly(table: string): RawBuilder<unknown>[];
  /** Returns the statements that undo `makeAppendOnly`. */
  permitChanges(table: string): RawBuilder<unknown>[];
  /**
   * Checks the settings of this process that make acknowledged writes survive a crash.
   * @throws StoreNotDurable
   */
  checkDurable(db: Kysely<Schema>): Promise<void>;
  readonly transfer: TransferDialect;
  /** Recognises an error that means "not now"; returns undefined for every other error. */
  readUnavailable(error: unknown): Unavailable | undefined;
}

/** The differences between the databases when one transaction reads or writes all rows. */
export interface TransferDialect {
  /** Returns the statements that lock the tables against other writers and lift the timeouts of the transaction. */
  begin(tables: readonly string[]): RawBuilder<unknown>[];
  /** The clause of an insert, between columns and values, that sets the numbers of rows explicitly. */
  readonly overridingNumbers: RawBuilder<unknown>;
  /** Returns the query for the last number of a table's sequence, `last`; no row or null where it has none. */
  readSequence(table: string): RawBuilder<{ last: number | null }>;
  /** Returns the statements that continue a table's sequence behind `last`. */
  setSequence(table: string, last: number): RawBuilder<unknown>[];
}

/** A database that cannot respond now. */
export interface Unavailable {
  readonly code: string;
  /** Whether another transaction is in the way, so that a retry may succeed at once. */
  readonly isContended: boolean;
}

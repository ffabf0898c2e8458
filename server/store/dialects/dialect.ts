import type { ColumnDefinitionBuilder, CreateTableBuilder, Dialect, Kysely, RawBuilder } from 'kysely';
import type { LendingPool } from './lending-pool.ts';
import type { Schema } from '../sql/schema.ts';

/** What differs between the databases, beyond what Kysely already evens out. */
export interface StoreDialect {
  readonly kysely: Dialect;
  /** The connections to a database that servers on several machines share; undefined for one in this process. */
  readonly pool?: LendingPool;
  /** A column that counts rows in the order in which they were added. */
  readonly countingColumn: {
    readonly type: 'integer' | 'bigint';
    define(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder;
  };
  /** The last word on a new table, such as SQLite's STRICT. */
  finishTable<Table extends string, Columns extends string>(
    table: CreateTableBuilder<Table, Columns>,
  ): CreateTableBuilder<Table, Columns>;
  /** Statements after which the rows of a table can only be added, not changed or removed. */
  makeAppendOnly(table: string): RawBuilder<unknown>[];
  /** Throws `StoreNotDurable` where what is acknowledged would not survive a crash, as far as this process decides it. */
  checkDurable(db: Kysely<Schema>): Promise<void>;
  /** What it takes to carry a whole installation from one database to another. */
  readonly moving: MovingDialect;
  /** What an error says of the database, where it says "not now"; undefined for any other error. */
  readUnavailable(error: unknown): Unavailable | undefined;
}

/** What differs between the databases when all their rows are read or written in one transaction. */
export interface MovingDialect {
  /** Statements at its beginning, after which nobody else writes to these tables and it may take as long as it takes. */
  begin(tables: readonly string[]): RawBuilder<unknown>[];
  /** What an insert says between columns and values, so that a counting column takes the number that it is given. */
  readonly keepNumbers: RawBuilder<unknown>;
  /** The last number that a table gave, `last`; no row or null where it gave none. Rows may have gone since. */
  readCounter(table: string): RawBuilder<{ last: number | null }>;
  /** Statements after which a table goes on counting behind `last`. */
  setCounter(table: string, last: number): RawBuilder<unknown>[];
}

/** A database that cannot answer now. */
export interface Unavailable {
  readonly code: string;
  /** Whether somebody else is just in the way, so that the same call is worth another try at once. */
  readonly isContended: boolean;
}

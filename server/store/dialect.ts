import type { ColumnDefinitionBuilder, CreateTableBuilder, Dialect } from 'kysely';

/** What differs between the databases, beyond what Kysely already evens out. */
export interface StoreDialect {
  readonly kysely: Dialect;
  /** A column that counts rows in the order in which they were added. */
  readonly countingColumn: {
    readonly type: 'integer' | 'bigint';
    define(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder;
  };
  /** The last word on a new table, such as SQLite's STRICT. */
  finishTable<Table extends string, Columns extends string>(
    table: CreateTableBuilder<Table, Columns>,
  ): CreateTableBuilder<Table, Columns>;
  /** The code of an error that says "not now", undefined for any other error. */
  unavailableCode(error: unknown): string | undefined;
}

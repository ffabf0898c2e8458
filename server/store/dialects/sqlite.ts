import { type DatabaseConnection, SqliteAdapter, SqliteDialect, SqliteDriver, sql } from 'kysely';
import { StoreNotDurable, StoreUnavailable } from '../store.ts';
import type { StoreDialect, TransferDialect } from './dialect.ts';
import { primaryCode } from './sqlite-batch.ts';
import { type FileOptions, openConnection, type SqliteConnection } from './sqlite-file.ts';
import { localWriter, threadWriter } from './sqlite-writer.ts';

/**
 * The primary result codes that mean "not now": they pass, or an operator can mend them without a restart.
 * @see https://sqlite.org/rescode.html
 */
const unavailable = new Map([
  [5, 'SQLITE_BUSY'],
  [6, 'SQLITE_LOCKED'],
  [8, 'SQLITE_READONLY'],
  [10, 'SQLITE_IOERR'],
  [13, 'SQLITE_FULL'],
  [14, 'SQLITE_CANTOPEN'],
]);
const contended = ['SQLITE_BUSY', 'SQLITE_LOCKED'];

/** Opens a file at the first query, which the store retries while other processes open or close the same file. */
function openLater(file: string, options: FileOptions) {
  let opened: SqliteConnection | undefined;
  return {
    async database(): Promise<SqliteConnection> {
      opened = openConnection(file, options);
      return opened;
    },
    isInTransaction: () => opened?.isInTransaction() === true,
    connection: () => opened as SqliteConnection,
  };
}

type OpenedFile = ReturnType<typeof openLater>;

/** The level at which every commit waits for the disk. @see https://sqlite.org/pragma.html#pragma_synchronous */
const full = 2;

/** Runs every migration in a transaction, so that a kill leaves none half done and two processes do not collide. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Skips the rollback where SQLite has rolled back by itself, as on a full disk: another one is an error. */
class FaultTolerantDriver extends SqliteDriver {
  readonly #file: OpenedFile;
  constructor(file: OpenedFile) {
    super(file);
    this.#file = file;
  }
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#file.isInTransaction()) await super.rollbackTransaction(connection);
  }
}

class FileDialect extends SqliteDialect {
  readonly #file: OpenedFile;
  constructor(file: OpenedFile) {
    super(file);
    this.#file = file;
  }
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
  override createDriver(): SqliteDriver {
    return new FaultTolerantDriver(this.#file);
  }
}

const transfer: TransferDialect = {
  // A file is opened for this process alone.
  begin: () => [],
  overridingNumbers: sql``,
  readSequence: (table) => sql`SELECT seq AS last FROM sqlite_sequence WHERE name = ${table}`,
  setSequence: (table, last) => [
    sql`DELETE FROM sqlite_sequence WHERE name = ${table}`,
    sql`INSERT INTO sqlite_sequence (name, seq) VALUES (${table}, ${last})`,
  ],
};

export interface SqliteOptions extends FileOptions {
  /**
   * Whether a thread writes to the file, so that no sync blocks the event loop. It costs 60 to 100 ms of CPU and 14 MB,
   * which a command that writes once has no use for.
   * @default true
   */
  readonly hasWriterThread?: boolean;
}

/** Returns the dialect of SQLite in this process, from node:sqlite. */
export function sqliteDialect(file: string, options: SqliteOptions = {}): StoreDialect {
  const opened = openLater(file, options);
  return {
    kysely: new FileDialect(opened),
    isInMemory: file === ':memory:',
    listText: (json) => sql`SELECT value FROM json_each(${json})`,
    listIntegers: (json) => sql`SELECT value FROM json_each(${json})`,
    openWriter: (_db, statements) =>
      file === ':memory:' || options.hasWriterThread === false
        ? localWriter(opened.connection, statements)
        : threadWriter(file, opened.connection, statements),
    numberColumn: { type: 'integer', define: (column) => column.primaryKey().autoIncrement() },
    finishTable: (table) => table.modifyEnd(sql`strict`),
    makeAppendOnly: (table) =>
      ['UPDATE', 'DELETE'].map((change) =>
        sql.raw(`CREATE TRIGGER ${table}_refuses_${change.toLowerCase()} BEFORE ${change} ON ${table}
          BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END`),
      ),
    permitChanges: (table) =>
      ['update', 'delete'].map((change) => sql.raw(`DROP TRIGGER IF EXISTS ${table}_refuses_${change}`)),
    async checkDurable(db) {
      if (file === ':memory:') return;
      const { rows: modes } = await sql<{ journal_mode: string }>`PRAGMA journal_mode`.execute(db);
      const { rows: levels } = await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(db);
      if (modes[0]?.journal_mode !== 'wal') throw new StoreNotDurable('journal_mode is not wal');
      if (levels[0]?.synchronous !== full) throw new StoreNotDurable('synchronous is not full');
    },
    transfer,
    readUnavailable(error) {
      if (error instanceof StoreUnavailable) return error;
      const code = unavailable.get(primaryCode(error));
      return code === undefined ? undefined : { code, isContended: contended.includes(code) };
    },
  };
}

import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import {
  type DatabaseConnection,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
  sql,
} from 'kysely';
import { StoreNotDurable, StoreUnavailable } from '../store.ts';
import type { StoreDialect, TransferDialect } from './dialect.ts';

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

/** Creates the file where it is missing, with mode 0600. SQLite gives its other files the same mode. */
function makeFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw new StoreUnavailable((error as { code: string }).code);
  }
}

export interface FileOptions {
  /** Whether no other connection may have it open. Opening fails with `SQLITE_BUSY` while one has. */
  readonly isAlone?: boolean;
}

/** Opens a database file such that acknowledged writes survive a crash. */
function openFile(file: string, { isAlone = false }: FileOptions): DatabaseSync {
  if (file !== ':memory:') makeFile(file);
  // SQLite itself must not wait, which would block the event loop: the store retries by timer.
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    // Before the first look at the file, which then takes the lock.
    if (isAlone) database.exec('PRAGMA locking_mode = EXCLUSIVE');
    // In WAL mode FULL syncs on every commit. It must follow the change to WAL, which may lower it.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens a file at the first query, which the store retries while other processes open or close the same file. */
function openLater(file: string, options: FileOptions) {
  let opened: DatabaseSync | undefined;
  return {
    async database(): Promise<SqliteDatabase> {
      opened = openFile(file, options);
      return toKysely(opened);
    },
    isInTransaction: () => opened?.isTransaction === true,
  };
}

type OpenedFile = ReturnType<typeof openLater>;

/** The level at which every commit waits for the disk. @see https://sqlite.org/pragma.html#pragma_synchronous */
const full = 2;

/** The number of prepared statements to keep: statements over lists of different lengths are many. */
const maxStatements = 200;

type Row = Readonly<Record<string, unknown>>;

/**
 * Prepares a statement in the form that Kysely takes. Rows are built from arrays: the objects that node:sqlite returns
 * have no hidden class, so that reading them takes 1.5 × as long, and each row that is read alone leaves memory behind.
 */
function prepare(database: DatabaseSync, query: string): SqliteStatement {
  const statement = database.prepare(query);
  const names = statement.columns().map(({ name }) => name);
  statement.setReturnArrays(true);
  const toRow = (values: unknown): Row => {
    const row: Record<string, unknown> = {};
    for (let index = 0; index < names.length; index += 1) row[names[index] as string] = (values as unknown[])[index];
    return row;
  };
  return {
    reader: names.length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])).map(toRow),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    *iterate(parameters) {
      for (const values of statement.iterate(...(parameters as SQLInputValue[]))) yield toRow(values);
    },
  };
}

/** Adapts a database file to Kysely. Statements are prepared once. */
function toKysely(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(query) {
      const statement = statements.get(query) ?? prepare(database, query);
      if (statements.size >= maxStatements) statements.clear();
      statements.set(query, statement);
      return statement;
    },
  };
}

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

/** Returns the dialect of SQLite in this process, from node:sqlite. */
export function sqliteDialect(file: string, options: FileOptions = {}): StoreDialect {
  return {
    kysely: new FileDialect(openLater(file, options)),
    numberColumn: { type: 'integer', define: (column) => column.primaryKey().autoIncrement() },
    finishTable: (table) => table.modifyEnd(sql`strict`),
    makeAppendOnly: (table) =>
      ['UPDATE', 'DELETE'].map((change) =>
        sql.raw(`CREATE TRIGGER ${table}_refuses_${change.toLowerCase()} BEFORE ${change} ON ${table}
          BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END`),
      ),
    async checkDurable(db) {
      if (file === ':memory:') return;
      const { rows: modes } = await sql<{ journal_mode: string }>`PRAGMA journal_mode`.execute(db);
      const { rows: levels } = await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(db);
      if (modes[0]?.journal_mode !== 'wal') throw new StoreNotDurable('journal_mode is not wal');
      if (levels[0]?.synchronous !== full) throw new StoreNotDurable('synchronous is not full');
    },
    transfer,
    readUnavailable(error) {
      const primary = ((error as { errcode?: number } | undefined)?.errcode ?? 0) & 0xff;
      const code = unavailable.get(primary);
      return code === undefined ? undefined : { code, isContended: contended.includes(code) };
    },
  };
}

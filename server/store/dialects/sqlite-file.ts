import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { StoreUnavailable } from '../store.ts';

export interface FileOptions {
  /** Whether no other connection may have it open. Opening fails with `SQLITE_BUSY` while one has. */
  readonly isAlone?: boolean;
  /**
   * Milliseconds that a statement waits for another connection, blocking the thread.
   * @default 0
   */
  readonly busyTimeout?: number;
}

type Row = Readonly<Record<string, unknown>>;

/** A prepared statement. */
export interface PreparedStatement {
  /** Whether it returns rows. */
  readonly reader: boolean;
  all(parameters: readonly unknown[]): Row[];
  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  iterate(parameters: readonly unknown[]): IterableIterator<Row>;
}

/** An open database file, or a database in memory. */
export interface SqliteConnection {
  /** Prepares a statement once. */
  prepare(query: string): PreparedStatement;
  /** Runs statements without parameters and rows. */
  run(query: string): void;
  isInTransaction(): boolean;
  close(): void;
}

/** The number of prepared statements to keep: statements over lists of different lengths are many. */
const maxStatements = 200;

/**
 * Creates the file where it is missing, with mode 0600. SQLite gives its other files the same mode. A file that is there
 * is not opened: closing it again would drop the locks of other connections of this process.
 * @see https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
 */
function makeFile(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isDirectory()) throw new StoreUnavailable('EISDIR');
  if (stats !== undefined) return;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw new StoreUnavailable((error as { code: string }).code);
  }
}

/**
 * Returns whether a file holds the tables of an installation. It is opened to read only, so that the file of another
 * program stays as it is. It returns true for a file that cannot be read: opening it later says why.
 */
export function isInstallation(file: string): boolean {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 1_000 });
    const query = `SELECT 1 FROM sqlite_master WHERE name IN ('kysely_migration', 'oauth_apps')`;
    return database.prepare(query).all().length === 2;
  } catch {
    return true;
  } finally {
    database?.close();
  }
}

/** Opens a database file such that acknowledged writes survive a crash. */
function openDatabase(file: string, { isAlone = false, busyTimeout = 0 }: FileOptions): DatabaseSync {
  if (file !== ':memory:') makeFile(file);
  const database = new DatabaseSync(file, { timeout: busyTimeout });
  try {
    // Before the first look at the file, which then takes the lock.
    if (isAlone) database.exec('PRAGMA locking_mode = EXCLUSIVE');
    // In WAL mode FULL syncs on every commit. It must follow the change to WAL, which may lower it.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;');
    database.exec('PRAGMA secure_delete = ON');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Prepares a statement. Rows are built from arrays: the objects that node:sqlite returns have no hidden class, so that
 * reading them takes 1.5 × as long, and each row that is read alone leaves memory behind.
 */
function prepare(database: DatabaseSync, query: string): PreparedStatement {
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

/**
 * Opens a database file, or a database in memory for `:memory:`.
 * @throws StoreUnavailable when the file cannot be made, and node:sqlite's error when it cannot be opened.
 */
export function openConnection(file: string, options: FileOptions = {}): SqliteConnection {
  const database = openDatabase(file, options);
  const statements = new Map<string, PreparedStatement>();
  return {
    prepare(query) {
      const statement = statements.get(query) ?? prepare(database, query);
      if (statements.size >= maxStatements) statements.clear();
      statements.set(query, statement);
      return statement;
    },
    run: (query) => database.exec(query),
    isInTransaction: () => database.isTransaction,
    close: () => database.close(),
  };
}

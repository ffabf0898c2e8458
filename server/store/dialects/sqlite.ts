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
import type { MovingDialect, StoreDialect } from './dialect.ts';
import { StoreNotDurable, StoreUnavailable } from '../store.ts';

/** https://sqlite.org/rescode.html: primary codes that pass, or that an operator can mend without a restart. */
const unavailable = new Map([
  [5, 'SQLITE_BUSY'],
  [6, 'SQLITE_LOCKED'],
  [8, 'SQLITE_READONLY'],
  [10, 'SQLITE_IOERR'],
  [13, 'SQLITE_FULL'],
  [14, 'SQLITE_CANTOPEN'],
]);
const contended = ['SQLITE_BUSY', 'SQLITE_LOCKED'];

/** Makes the file where there is none: for its owner alone. SQLite gives its other files the same mode. */
function makeFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw new StoreUnavailable((error as { code: string }).code);
  }
}

/** How a database file is opened. */
export interface FileOptions {
  /** Whether nobody else may have it open meanwhile. It is `SQLITE_BUSY` while somebody has. */
  readonly isAlone?: boolean;
}

/** Opens a database file so that what was acknowledged survives a crash. */
function openFile(file: string, { isAlone = false }: FileOptions): DatabaseSync {
  if (file !== ':memory:') makeFile(file);
  // No waiting in SQLite itself, which would stop the whole process: the store tries again by timer.
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    // Before the first look at the file, which then takes the lock.
    if (isAlone) database.exec('PRAGMA locking_mode = EXCLUSIVE');
    // In WAL mode FULL syncs on every commit. It must come after the change to WAL, which may lower it.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A file that is opened by the first query, which is tried again while others open or close the same file. */
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

/** https://sqlite.org/pragma.html#pragma_synchronous: every commit waits for the disk. */
const full = 2;

/** More than the store has; statements over lists of different lengths are many. */
const keptStatements = 200;

type Row = Readonly<Record<string, unknown>>;

/**
 * A statement as Kysely wants it. Its rows are made here of arrays: the objects of node:sqlite have no shape, so that
 * reading them takes half as long again, and leave something behind for each row that is read alone.
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

/** A database file as Kysely wants it. Statements are compiled once and kept. */
function toKysely(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(query) {
      const statement = statements.get(query) ?? prepare(database, query);
      if (statements.size >= keptStatements) statements.clear();
      statements.set(query, statement);
      return statement;
    },
  };
}

/** Migrations happen as a whole and once: a kill leaves no half of one, and two that start together do not collide. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** A disk that is full or broken makes SQLite undo the transaction by itself; to ask for that again is an error. */
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

const moving: MovingDialect = {
  // A file that is to be moved is opened alone.
  begin: () => [],
  keepNumbers: sql``,
  readCounter: (table) => sql`SELECT seq AS last FROM sqlite_sequence WHERE name = ${table}`,
  setCounter: (table, last) => [
    sql`DELETE FROM sqlite_sequence WHERE name = ${table}`,
    sql`INSERT INTO sqlite_sequence (name, seq) VALUES (${table}, ${last})`,
  ],
};

/** SQLite in this process, from node:sqlite. */
export function sqliteDialect(file: string, options: FileOptions = {}): StoreDialect {
  return {
    kysely: new FileDialect(openLater(file, options)),
    countingColumn: { type: 'integer', define: (column) => column.primaryKey().autoIncrement() },
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
    moving,
    readUnavailable(error) {
      const primary = ((error as { errcode?: number } | undefined)?.errcode ?? 0) & 0xff;
      const code = unavailable.get(primary);
      return code === undefined ? undefined : { code, isContended: contended.includes(code) };
    },
  };
}

import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { CopyError } from './transfer-error.ts';

/** How long to wait for somebody who recovers or closes the database. */
const patienceMilliseconds = 5_000;
/** A few megabytes; in between it can be told to stop. */
const pagesAtOnce = 1_000;

/** Hears how much of the file is copied, from 0 to 1, and how many bytes it has. */
export type TellCopied = (part: number, bytes: number) => void;

/** How many rows each table holds. */
export type Counts = Readonly<Record<string, number>>;

function countRows(database: DatabaseSync): Counts {
  const tables = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`).all();
  const count = (table: string) => database.prepare(`SELECT count(*) AS n FROM "${table}"`).get()?.n;
  return Object.fromEntries(tables.map(({ name }) => [String(name), Number(count(String(name)))]));
}

/** Copies the database as it is at one moment, while others write; gives what it held then. */
async function copyAtOneMoment(file: string, copy: string, tell: TellCopied): Promise<Counts> {
  const database = new DatabaseSync(file, { readOnly: true, timeout: patienceMilliseconds });
  try {
    // What is read from here on is the state of this moment: for the counts, and for the copy, however long it takes.
    database.exec('BEGIN');
    const counts = countRows(database);
    const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.page_size);
    await backup(database, copy, {
      rate: pagesAtOnce,
      progress: ({ totalPages, remainingPages }) => tell(1 - remainingPages / totalPages, totalPages * pageBytes),
    });
    return counts;
  } finally {
    database.close();
  }
}

/** Reads the whole copy and compares it with what there was. */
function verifyCopy(copy: string, expected: Counts): void {
  const database = new DatabaseSync(copy);
  try {
    // One file, with nothing beside it.
    database.exec('PRAGMA journal_mode = DELETE');
    const faults = database.prepare('PRAGMA integrity_check').all();
    const isSound = faults.length === 1 && faults[0]?.integrity_check === 'ok';
    const isWhole = JSON.stringify(countRows(database)) === JSON.stringify(expected);
    if (!isSound || !isWhole)
      throw new CopyError('The copy is not sound: the database itself may be damaged. No copy was kept.');
  } finally {
    database.close();
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Removes what was begun, if the process is told to stop. */
function removeOnSignal(draft: string): () => void {
  const stop = () => {
    removeDraft(draft);
    process.exit(1);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return () => void process.off('SIGINT', stop).off('SIGTERM', stop);
}

const removeDraft = (draft: string) => {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
};

/**
 * Copies a database file while servers use it, for its owner alone, and checks the copy. It gets its name when it is
 * whole, checked and on the disk. Gives the rows of each table. Rejects with `CopyError`, and then there is no copy.
 */
export async function backUp(file: string, target: string, tell: TellCopied): Promise<Counts> {
  if (!existsSync(file)) throw new CopyError('The database does not exist. Look at DATABASE_URL.');
  if (existsSync(target)) throw new CopyError('The file exists already. Name one that does not.');
  const draft = `${target}.${randomUUID()}.part`;
  const stopWatching = removeOnSignal(draft);
  try {
    closeSync(openSync(draft, 'wx', 0o600));
    const counts = await copyAtOneMoment(file, draft, tell);
    verifyCopy(draft, counts);
    sync(draft);
    linkSync(draft, target);
    sync(dirname(target));
    return counts;
  } catch (error) {
    if (error instanceof CopyError) throw error;
    const { code = '', errstr } = error as { code?: string; errstr?: string };
    throw new CopyError(`The copy cannot be made (${errstr ?? code}). Nothing was written.`);
  } finally {
    removeDraft(draft);
    stopWatching();
  }
}

import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { NoInstallation, TransferError } from './transfer-error.ts';

/** The time to wait for a process that recovers or closes the database. */
const timeoutMilliseconds = 5_000;
/** A few megabytes, after which a signal can stop the copy. */
const pagesAtOnce = 1_000;

/** Called with the copied part of the file, from 0 to 1, and its size in bytes. */
export type OnCopied = (part: number, bytes: number) => void;

/** The number of rows by table. */
export type Counts = Readonly<Record<string, number>>;

function countRows(database: DatabaseSync): Counts {
  const tables = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`).all();
  const count = (table: string) => database.prepare(`SELECT count(*) AS n FROM "${table}"`).get()?.n;
  return Object.fromEntries(tables.map(({ name }) => [String(name), Number(count(String(name)))]));
}

/** Copies the database as it is at one moment, while servers write. Returns the rows that it held then. */
async function copyAtOneMoment(file: string, copy: string, onCopied: OnCopied): Promise<Counts> {
  const database = new DatabaseSync(file, { readOnly: true, timeout: timeoutMilliseconds });
  try {
    // A read transaction sees one state, for the counts and for the copy, however long they take.
    database.exec('BEGIN');
    const counts = countRows(database);
    if (counts.kysely_migration === undefined || counts.oauth_apps === undefined) throw new NoInstallation();
    const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.page_size);
    await backup(database, copy, {
      rate: pagesAtOnce,
      progress: ({ totalPages, remainingPages }) => onCopied(1 - remainingPages / totalPages, totalPages * pageBytes),
    });
    return counts;
  } finally {
    database.close();
  }
}

/** Reads the whole copy and compares it with the rows of the original. @throws TransferError */
function verifyCopy(copy: string, expected: Counts): void {
  const database = new DatabaseSync(copy);
  try {
    // In this mode the copy is one file.
    database.exec('PRAGMA journal_mode = DELETE');
    const faults = database.prepare('PRAGMA integrity_check').all();
    const isSound = faults.length === 1 && faults[0]?.integrity_check === 'ok';
    const isWhole = JSON.stringify(countRows(database)) === JSON.stringify(expected);
    if (!isSound || !isWhole)
      throw new TransferError('The copy is not sound: the database itself may be damaged. No copy was kept.');
    // Free pages of the original may still hold what was deleted.
    database.exec('VACUUM');
  } finally {
    database.close();
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Removes an unfinished copy at SIGINT or SIGTERM. Returns the function that ends this. */
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
 * Copies a database file while servers use it, with mode 0600, and checks the copy. The copy gets its name when it is
 * complete, checked and synced. Returns the number of rows by table.
 * @throws TransferError when there is no copy.
 */
export async function backUp(file: string, target: string, onCopied: OnCopied): Promise<Counts> {
  if (!existsSync(file)) throw new TransferError('The database does not exist. Look at DATABASE_URL.');
  if (existsSync(target)) throw new TransferError('The file exists already. Name one that does not.');
  const draft = `${target}.${randomUUID()}.part`;
  const stopWatching = removeOnSignal(draft);
  try {
    closeSync(openSync(draft, 'wx', 0o600));
    const counts = await copyAtOneMoment(file, draft, onCopied);
    verifyCopy(draft, counts);
    sync(draft);
    linkSync(draft, target);
    sync(dirname(target));
    return counts;
  } catch (error) {
    if (error instanceof TransferError) throw error;
    const { code = '', errstr } = error as { code?: string; errstr?: string };
    throw new TransferError(`The copy cannot be made (${errstr ?? code}). Nothing was written.`);
  } finally {
    removeDraft(draft);
    stopWatching();
  }
}

/** Empties the write-ahead log of a database file after writes that remove data: the log keeps what it held until then. */
import type { WriteName } from '../sql/writes.ts';
import type { WriteRequest } from './sqlite-batch.ts';
import type { SqliteConnection } from './sqlite-file.ts';

/** Writes that remove or replace data. */
const removing = new Set<WriteName>(['deleteApp', 'updateApp', 'purgeResponses', 'thinAudit', 'runEach']);
const emptyMilliseconds = 1_000;

/** Empties the log of one connection. */
export interface LogEmptier {
  /** Takes note of writes that are done. */
  note(requests: readonly WriteRequest[]): void;
  /** Empties the log at once, if writes have removed something since it was emptied. */
  close(): void;
}

function hasEmptied(connection: SqliteConnection): boolean {
  try {
    // Row: whether a reader still needs the log.
    return connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all([])[0]?.busy === 0;
  } catch {
    // A disk that is full or broken shows in the writes.
    return false;
  }
}

/**
 * Creates the emptier of a connection.
 * @param isRunning Whether the process goes on, so that the log is emptied within a second or two of such a write. A
 *   command does it when it ends.
 */
export function logEmptier(connection: () => SqliteConnection, isRunning: boolean): LogEmptier {
  let isDue = false;
  let timer: NodeJS.Timeout | undefined;
  const emptySoon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      isDue = !hasEmptied(connection());
      if (isDue) emptySoon();
    }, emptyMilliseconds);
  };
  return {
    note(requests) {
      if (!requests.some(({ name }) => removing.has(name))) return;
      isDue = true;
      if (isRunning) emptySoon();
    },
    close() {
      clearTimeout(timer);
      if (isDue) hasEmptied(connection());
    },
  };
}

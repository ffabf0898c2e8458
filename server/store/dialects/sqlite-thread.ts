/** The thread that writes to a database file: it commits the writes that wait as a batch. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { WriteStatements } from '../sql/statements.ts';
import type { WriteName } from '../sql/writes.ts';
import { runBatch, type WriteRequest } from './sqlite-batch.ts';
import { openConnection } from './sqlite-file.ts';

/** The data that the thread starts with. */
export interface WriterData {
  readonly file: string;
  readonly statements: WriteStatements;
}

/** A message to the thread: writes, or nothing, which ends it. */
export type WriterMessage = readonly WriteRequest[] | undefined;

/** Writes of one batch at most, so that the first of them does not wait long for the sync. */
const maxBatch = 500;
/** The time to wait for the lock of another process. The store retries after it. */
const busyTimeout = 250;

const { file, statements } = workerData as WriterData;
const port = parentPort;
if (port === null) throw new Error('this file is the entry of a thread');
const connection = openConnection(file, { busyTimeout });

/** Takes every message that has arrived. */
function* receive(first: WriterMessage): Generator<WriterMessage> {
  yield first;
  for (let next = receiveMessageOnPort(port as NonNullable<typeof port>); next !== undefined; ) {
    yield next.message as WriterMessage;
    next = receiveMessageOnPort(port as NonNullable<typeof port>);
  }
}

/** Writes that remove or replace data, which the write-ahead log keeps until it is emptied. */
const removing = new Set<WriteName>(['deleteApp', 'updateApp', 'purgeResponses', 'thinAudit', 'replaceSecrets']);
const emptyMilliseconds = 1_000;
let emptying: NodeJS.Timeout | undefined;

function hasEmptiedLog(): boolean {
  try {
    return connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all([])[0]?.busy === 0;
  } catch {
    // A disk that is full or broken shows in the writes.
    return false;
  }
}

/** Moves the log into the file and empties it, within a second or two. Waits while a reader still needs the log. */
function emptyLogSoon(): void {
  emptying ??= setTimeout(() => {
    emptying = undefined;
    if (!hasEmptiedLog()) emptyLogSoon();
  }, emptyMilliseconds);
}

port.on('message', (first: WriterMessage) => {
  const messages = [...receive(first)];
  const requests = messages.flatMap((message) => message ?? []);
  for (let start = 0; start < requests.length; start += maxBatch) {
    port.postMessage(runBatch(connection, statements, requests.slice(start, start + maxBatch)));
  }
  if (requests.some(({ name }) => removing.has(name))) emptyLogSoon();
  if (!messages.includes(undefined)) return;
  clearTimeout(emptying);
  connection.close();
  port.close();
});

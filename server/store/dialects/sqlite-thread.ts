/** The thread that writes to a database file: it commits the writes that wait as a batch. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { WriteStatements } from '../sql/statements.ts';
import { runBatch, type WriteRequest } from './sqlite-batch.ts';
import { openConnection } from './sqlite-file.ts';
import { logEmptier } from './sqlite-log.ts';

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
const log = logEmptier(() => connection, true);

/** Takes every message that has arrived. */
function* receive(first: WriterMessage): Generator<WriterMessage> {
  yield first;
  for (let next = receiveMessageOnPort(port as NonNullable<typeof port>); next !== undefined; ) {
    yield next.message as WriterMessage;
    next = receiveMessageOnPort(port as NonNullable<typeof port>);
  }
}

port.on('message', (first: WriterMessage) => {
  const messages = [...receive(first)];
  const requests = messages.flatMap((message) => message ?? []);
  for (let start = 0; start < requests.length; start += maxBatch) {
    port.postMessage(runBatch(connection, statements, requests.slice(start, start + maxBatch)));
  }
  log.note(requests);
  if (!messages.includes(undefined)) return;
  log.close();
  connection.close();
  port.close();
});

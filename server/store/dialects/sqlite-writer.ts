import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { dirname, extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { findFile } from '../../process/package-files.ts';
import type { WriteStatements } from '../sql/statements.ts';
import type { Writer } from '../sql/writes.ts';
import { StoreUnavailable } from '../store.ts';
import { runBatch, type WriteFailure, type WriteOutcome, type WriteRequest } from './sqlite-batch.ts';
import type { SqliteConnection } from './sqlite-file.ts';
import { logEmptier } from './sqlite-log.ts';
import type { WriterData, WriterMessage } from './sqlite-thread.ts';

/** The error of a write that failed, as node:sqlite throws it. */
function toError({ name, code, errcode, stack }: WriteFailure): Error {
  return Object.assign(new Error('the write failed'), { name, code, errcode, stack });
}

interface Pending {
  resolve(result: never): void;
  reject(error: unknown): void;
}

/** Settles the promises of writes by their outcomes. */
function settle(pending: Map<number, Pending>, outcomes: readonly WriteOutcome[]): void {
  for (const outcome of outcomes) {
    const write = pending.get(outcome.id);
    pending.delete(outcome.id);
    if ('failure' in outcome) write?.reject(toError(outcome.failure));
    else write?.resolve(outcome.result as never);
  }
}

/** Makes a writer that sends all writes of one iteration of the event loop together. It rejects writes once it is closed. */
function batchingWriter(
  send: (requests: WriteRequest[]) => void,
  pending: Map<number, Pending>,
  close: Writer['close'],
): Writer {
  let queue: WriteRequest[] = [];
  let count = 0;
  let isClosed = false;
  const flush = () => {
    const requests = queue;
    queue = [];
    if (requests.length > 0) send(requests);
  };
  return {
    write: (name, ...parameters) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new StoreUnavailable('SQLITE_CLOSED'));
        count += 1;
        pending.set(count, { resolve, reject });
        if (queue.push({ id: count, name, parameters }) === 1) setImmediate(flush);
      }),
    close() {
      isClosed = true;
      flush();
      return close();
    },
  };
}

/** Writes on the connection that reads, as a database in memory has no other. */
export function localWriter(connection: () => SqliteConnection, statements: WriteStatements): Writer {
  const pending = new Map<number, Pending>();
  const log = logEmptier(connection, false);
  const send = (requests: WriteRequest[]) => {
    settle(pending, runBatch(connection(), statements, requests));
    log.note(requests);
  };
  return batchingWriter(send, pending, async () => log.close());
}

/** The entry of the thread: its source in the repository, its build in the installed package. */
const findEntry = () => findFile(`server/store/dialects/sqlite-thread${extname(import.meta.filename)}`);

/**
 * Makes the environment of the thread. It holds the compile cache of this process alone: without it, Node loads its
 * TypeScript support (25 MB) in the thread again.
 */
function threadEnvironment(): Record<string, string> {
  const cache = getCompileCacheDir();
  return cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) };
}

/** The time from the first write to the start of the thread: a server writes before it serves, and would wait for it. */
const startMilliseconds = 250;

/**
 * Writes to a database file from a thread with a connection of its own, so that a sync never blocks the event loop. Until
 * the thread runs, and after it has ended by an error, writes run on the connection that reads.
 */
export function threadWriter(file: string, connection: () => SqliteConnection, statements: WriteStatements): Writer {
  const pending = new Map<number, Pending>();
  const log = logEmptier(connection, true);
  let timer: NodeJS.Timeout | undefined;
  let started: Worker | undefined;
  let online: Worker | undefined;
  const start = () => {
    const worker = new Worker(findEntry(), {
      name: 'sqlite-writer',
      env: threadEnvironment(),
      workerData: { file, statements } satisfies WriterData,
    });
    worker.on('online', () => {
      online = worker;
    });
    worker.on('message', (message: unknown) => {
      // Under `node --watch`, Node posts messages of its own.
      if (Array.isArray(message)) settle(pending, message as WriteOutcome[]);
    });
    worker.on('error', () => {});
    worker.on('exit', () => {
      started = online = timer = undefined;
      // The thread may have committed them or not.
      for (const { reject } of pending.values()) reject(new StoreUnavailable('SQLITE_WRITER'));
      pending.clear();
    });
    started = worker;
  };
  const send = (requests: WriteRequest[]) => {
    if (online !== undefined) return online.postMessage(requests satisfies WriterMessage);
    timer ??= setTimeout(start, startMilliseconds).unref();
    settle(pending, runBatch(connection(), statements, requests));
    log.note(requests);
  };
  return batchingWriter(send, pending, async () => {
    clearTimeout(timer);
    log.close();
    const ending = started;
    if (ending === undefined) return;
    const ended = once(ending, 'exit');
    ending.postMessage(undefined satisfies WriterMessage);
    await ended;
  });
}

/** Runs writes on SQLite in batches: all that wait share one transaction and one sync. */
import { bindParameters } from '../sql/statement.ts';
import type { WriteStatements } from '../sql/statements.ts';
import { Rollback, type Row, startWrite, type WriteName } from '../sql/writes.ts';
import type { SqliteConnection } from './sqlite-file.ts';

export interface WriteRequest {
  readonly id: number;
  readonly name: WriteName;
  readonly parameters: readonly unknown[];
}

/** The facts of an error that cross the border of a thread. */
export interface WriteFailure {
  readonly name: string;
  readonly code?: string;
  /** The result code of SQLite. */
  readonly errcode?: number;
  readonly stack?: string;
}

export type WriteOutcome =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: WriteFailure };

/** SQLite's primary result code of an error. */
export const primaryCode = (error: unknown): number =>
  ((error as { errcode?: number } | undefined)?.errcode ?? 0) & 0xff;
const busy = 5;

function describe(error: unknown): WriteFailure {
  const { name, code, errcode, stack } = error as Error & { code?: string; errcode?: number };
  return { name, code, errcode, stack };
}

/** Runs the statements of a write. */
function runStatements(connection: SqliteConnection, statements: WriteStatements, request: WriteRequest): unknown {
  const write = startWrite(request.name, request.parameters);
  for (let step = write.next([]); ; ) {
    if (step.done) return step.value;
    const [named, values] = step.value;
    const statement = typeof named === 'string' ? statements[named] : named;
    const prepared = connection.prepare(statement.sql);
    const parameters = bindParameters(statement, values);
    const rows: Row[] = prepared.reader ? prepared.all(parameters) : [];
    if (!prepared.reader) prepared.run(parameters);
    step = write.next(rows);
  }
}

/** Runs a write in a savepoint or a transaction, which `undo` rolls back. */
function attempt(
  connection: SqliteConnection,
  statements: WriteStatements,
  request: WriteRequest,
  undo: () => void,
): WriteOutcome {
  const { id } = request;
  try {
    return { id, result: runStatements(connection, statements, request) };
  } catch (error) {
    undo();
    return error instanceof Rollback ? { id, result: error.result } : { id, failure: describe(error) };
  }
}

function rollBack(connection: SqliteConnection): void {
  // A disk that is full or broken makes SQLite roll back by itself.
  if (connection.isInTransaction()) connection.run('ROLLBACK');
}

/** Runs one write in a transaction of its own. */
function runAlone(connection: SqliteConnection, statements: WriteStatements, request: WriteRequest): WriteOutcome {
  try {
    connection.run('BEGIN IMMEDIATE');
    const outcome = attempt(connection, statements, request, () => rollBack(connection));
    if (connection.isInTransaction()) connection.run('COMMIT');
    return outcome;
  } catch (error) {
    rollBack(connection);
    return { id: request.id, failure: describe(error) };
  }
}

/** The whole transaction of a batch is gone, not only one write of it. */
class BatchLost extends Error {}

/** Runs writes in one transaction, each in a savepoint, so that the failure of one undoes only that one. */
function runTogether(
  connection: SqliteConnection,
  statements: WriteStatements,
  requests: readonly WriteRequest[],
): WriteOutcome[] {
  const undo = () => {
    if (!connection.isInTransaction()) throw new BatchLost();
    connection.run('ROLLBACK TO one_write');
  };
  const outcomes = requests.map((request) => {
    connection.run('SAVEPOINT one_write');
    const outcome = attempt(connection, statements, request, undo);
    connection.run('RELEASE one_write');
    return outcome;
  });
  connection.run('COMMIT');
  return outcomes;
}

/** Runs a batch of writes. Returns their outcomes once they are durable. A failure of the whole batch is tried one by one. */
export function runBatch(
  connection: SqliteConnection,
  statements: WriteStatements,
  requests: readonly WriteRequest[],
): WriteOutcome[] {
  const alone = () => requests.map((request) => runAlone(connection, statements, request));
  if (requests.length === 1) return alone();
  try {
    connection.run('BEGIN IMMEDIATE');
    return runTogether(connection, statements, requests);
  } catch (error) {
    rollBack(connection);
    if (primaryCode(error) === busy) return requests.map(({ id }) => ({ id, failure: describe(error) }));
    return alone();
  }
}

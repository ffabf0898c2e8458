// @databases sqlite
/** Tests of SQLite writes that share one transaction. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqliteDialect } from '../../server/store/dialects/sqlite.ts';
import { runBatch, type WriteOutcome, type WriteRequest } from '../../server/store/dialects/sqlite-batch.ts';
import { openConnection, type SqliteConnection } from '../../server/store/dialects/sqlite-file.ts';
import { openSqlStore } from '../../server/store/sql/sql-store.ts';
import type { WriteStatements } from '../../server/store/sql/statements.ts';
import type { AppRecord } from '../../server/store/store.ts';
import { plainApp } from '../helpers/app-records.ts';
import { createDatabase, getFile, type TestDatabase } from '../helpers/databases.ts';

const audit = { at: 'now', accountId: 'acme', tokenId: 't', requestId: 'r', operation: 'createOAuthApp', fields: [] };
const record = (id: string): AppRecord => ({ ...plainApp, id, account_id: 'acme' });
const create = (id: number, maxApps = 100): WriteRequest => ({
  id,
  name: 'createApp',
  parameters: [record(`app-${id}`), { properties: ['p'], maxApps, audit }],
});

let database: TestDatabase;
let connection: SqliteConnection;
let statements: WriteStatements;
/** The statements without parameters that the connection has run. */
let executed: string[];
/** A seeded fault: it throws before a statement runs. */
let fault: (query: string) => void;

beforeEach(async () => {
  database = await createDatabase('sqlite');
  const dialect = sqliteDialect(getFile(database));
  const openWriter: typeof dialect.openWriter = (_db, compiled) => {
    statements = compiled;
    return { write: async () => undefined as never, close: async () => {} };
  };
  await (await openSqlStore({ ...dialect, openWriter })).close();
  const opened = openConnection(getFile(database));
  [executed, fault] = [[], () => {}];
  connection = {
    ...opened,
    run(query) {
      executed.push(query);
      fault(query);
      opened.run(query);
    },
    prepare(query) {
      fault(query);
      return opened.prepare(query);
    },
  };
});
afterEach(async () => {
  connection.close();
  await database[Symbol.asyncDispose]();
});

const results = (outcomes: readonly WriteOutcome[]) =>
  outcomes.map((outcome) => ('failure' in outcome ? outcome.failure.errcode : outcome.result));
const storedIds = () =>
  connection
    .prepare('SELECT id FROM oauth_apps ORDER BY position')
    .all([])
    .map(({ id }) => id);
const failure = (errcode: number) => Object.assign(new Error('fault'), { code: 'ERR_SQLITE_ERROR', errcode });
const count = (query: string) => executed.filter((each) => each === query).length;

describe('a batch of writes', () => {
  test('is committed once after its last write', () => {
    expect(
      results(
        runBatch(
          connection,
          statements,
          [1, 2, 3].map((id) => create(id)),
        ),
      ),
    ).toEqual(['created', 'created', 'created']);
    expect([count('BEGIN IMMEDIATE'), count('COMMIT')]).toEqual([1, 1]);
    expect(executed.at(-1)).toBe('COMMIT');
    expect(storedIds()).toEqual(['app-1', 'app-2', 'app-3']);
  });

  test('commits the others when one fails or is full', () => {
    const requests = [create(1), create(1), create(2), create(3, 2), create(4)];
    const outcomes = results(runBatch(connection, statements, requests));
    expect(outcomes).toEqual(['created', 2067, 'created', 'full', 'created']);
    expect(storedIds()).toEqual(['app-1', 'app-2', 'app-4']);
    expect(connection.prepare('SELECT app_count FROM accounts').all([])).toEqual([{ app_count: 3 }]);
    expect(connection.prepare('SELECT count(*) AS n FROM audit').all([])).toEqual([{ n: 3 }]);
  });

  test.each(['COMMIT', 'INSERT INTO "oauth_app_properties"'])(
    'is retried one by one after a rollback at %s',
    (beginning) => {
      let faults = 1;
      fault = (query) => {
        if (faults === 0 || !query.startsWith(beginning)) return;
        faults -= 1;
        connection.run('ROLLBACK');
        throw failure(13);
      };
      expect(
        results(
          runBatch(
            connection,
            statements,
            [1, 2, 3].map((id) => create(id)),
          ),
        ),
      ).toEqual(['created', 'created', 'created']);
      expect(storedIds()).toEqual(['app-1', 'app-2', 'app-3']);
      expect(count('BEGIN IMMEDIATE')).toBe(4);
    },
  );

  test('fails completely while another process holds the lock', async () => {
    await using _lock = await database.lock();
    expect(
      results(
        runBatch(
          connection,
          statements,
          [1, 2].map((id) => create(id)),
        ),
      ),
    ).toEqual([5, 5]);
    expect(storedIds()).toEqual([]);
  });

  test('acknowledges no write of a failed commit', () => {
    fault = (query) => {
      if (query === 'COMMIT') throw failure(10);
    };
    expect(
      results(
        runBatch(
          connection,
          statements,
          [1, 2].map((id) => create(id)),
        ),
      ),
    ).toEqual([10, 10]);
    fault = () => {};
    expect(storedIds()).toEqual([]);
  });
});

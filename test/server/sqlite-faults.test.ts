// @databases sqlite
import { CompiledQuery, sql } from 'kysely';
import { expect, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { createLog } from '../../server/log.ts';
import { errorMessage } from '../../server/process/error-message.ts';
import { sqliteDialect } from '../../server/store/dialects/sqlite.ts';
import { openConnection } from '../../server/store/dialects/sqlite-file.ts';
import { localWriter } from '../../server/store/dialects/sqlite-writer.ts';
import { openStore } from '../../server/store/open-store.ts';
import { openSqlStore } from '../../server/store/sql/sql-store.ts';
import { injectFault } from '../helpers/database-faults.ts';
import { createDatabase, getFile, type TestDatabase } from '../helpers/databases.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { startServer } from '../helpers/server.ts';
import { createDeployment, expectStartFailure } from '../helpers/server-process.ts';

const keys = makeKeyLine(new Date());
const env = { API_TOKEN: 'YOUR_API_TOKEN', SECRET_KEYS: keys, MAX_APPS_PER_ACCOUNT: '100000' };

/** Returns a dialect, and a function that runs statements on the connection of its store. */
function openDialect(file: string) {
  const dialect = sqliteDialect(file);
  const driver = dialect.kysely.createDriver();
  const execute = async (statement: string) =>
    (await driver.acquireConnection()).executeQuery(CompiledQuery.raw(statement));
  const kysely = {
    createDriver: () => driver,
    createAdapter: () => dialect.kysely.createAdapter(),
    createQueryCompiler: () => dialect.kysely.createQueryCompiler(),
    createIntrospector: dialect.kysely.createIntrospector.bind(dialect.kysely),
  };
  return { dialect: { ...dialect, kysely }, driver, execute };
}

test('a server survives a lock of another connection', async () => {
  let logged = '';
  const log = createLog('warn', { write: (line) => (logged += line) });
  await using database = await createDatabase();
  const store = await openStore(database.url);
  await using server = await startServer({ ...{ store, database, log }, secretKeys: keys, maxAppsPerAccount: 100_000 });
  const http = createHttpClient(server.url, server.token);
  await injectFault(
    { ...{ name: 'SQLite', keys, database }, send: http.send, logged: () => logged },
    {
      name: 'locked by another connection',
      expected: { write: 503, read: 200, ready: 200 },
      code: /^SQLITE_BUSY$/,
      inject: ({ database }) => database.lock(),
    },
  );
  http.close();
  await store.close();
});

/** Checkpoints the write-ahead log every ten milliseconds, so that it starts from its beginning. */
function checkpointRepeatedly(database: TestDatabase): AsyncDisposable {
  const timer = setInterval(() => void database.rows(sql`PRAGMA wal_checkpoint(PASSIVE)`).catch(() => {}), 10);
  return { [Symbol.asyncDispose]: async () => clearInterval(timer) };
}

test('a server survives failing disk writes', async () => {
  await using deployment = await createDeployment();
  // The system rejects writes that make a file of this process larger than three megabytes.
  const launcher = ['sh', '-c', 'ulimit -f 6144 && exec "$@"', 'sh'];
  await using server = await deployment.startServer(env, launcher);
  const target = {
    ...{ name: 'SQLite', keys },
    send: server.send,
    database: deployment.database,
    logged: () => server.output.stderr,
  };
  await using stack = new AsyncDisposableStack();
  await injectFault(target, {
    name: 'I/O error on every write',
    expected: { write: 503, read: 200, ready: 503 },
    code: /^SQLITE_IOERR$/,
    async inject({ database }) {
      return { [Symbol.asyncDispose]: async () => void stack.use(checkpointRepeatedly(database)) };
    },
  });
});

test('a server survives a full disk', async () => {
  await using database = await createDatabase();
  const dialect = sqliteDialect(getFile(database));
  const connection = openConnection(getFile(database));
  const openWriter: typeof dialect.openWriter = (_db, statements) => localWriter(() => connection, statements);
  const store = await openSqlStore({ ...dialect, openWriter });
  let logged = '';
  const log = createLog('warn', { write: (line) => (logged += line) });
  await using server = await startServer({ store, log, secretKeys: keys, maxAppsPerAccount: 100_000 });
  const http = createHttpClient(server.url, server.token);
  const target = { ...{ name: 'SQLite', keys }, send: http.send, database, logged: () => logged };
  await injectFault(target, {
    name: 'full disk',
    expected: { write: 503, read: 200, ready: 503 },
    code: /^SQLITE_FULL$/,
    // Small writes still fit into existing pages.
    affectsSomeWrites: true,
    async inject() {
      connection.run('PRAGMA max_page_count = 1');
      return { [Symbol.asyncDispose]: async () => connection.run('PRAGMA max_page_count = 1000000000') };
    },
  });
  http.close();
  await store.close();
  connection.close();
});

test('a file without a write-ahead log stops the start', async () => {
  await using deployment = await createDeployment();
  const folder = getFile(deployment.database).replace(/\/[^/]*$/, '');
  // This VFS has no shared memory, which the write-ahead log needs.
  const DATABASE_URL = 'sqlite:file:test.db?vfs=unix-none';
  await expectStartFailure(
    deployment,
    { ...env, DATABASE_URL },
    /would not survive a crash \(journal_mode is not wal\)\. Put it/,
    { isProcess: true, cwd: folder },
  );
});

test.each(['OFF', 'NORMAL'])('a start with synchronous=%s fails', async (level) => {
  await using database = await createDatabase();
  const { dialect, driver, execute } = openDialect(getFile(database));
  const init = driver.init.bind(driver);
  driver.init = async (options) => {
    await init(options);
    await execute(`PRAGMA synchronous = ${level}`);
  };
  const failure = await openSqlStore(dialect).catch(errorMessage);
  expect(failure).toMatch(
    /would not survive a crash \(synchronous is not full\)\. Put it on a disk of this machine\.$/,
  );
});

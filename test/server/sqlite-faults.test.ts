import { CompiledQuery, sql } from 'kysely';
import { expect, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { createLog } from '../../server/log.ts';
import { errorMessage } from '../../server/process/error-message.ts';
import { sqliteDialect } from '../../server/store/dialects/sqlite.ts';
import { openSqlStore } from '../../server/store/sql/sql-store.ts';
import { injectFault } from '../helpers/database-faults.ts';
import { createDatabase, fileOf, type TestDatabase } from '../helpers/databases.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { startServer } from '../helpers/server.ts';
import { createDeployment, expectStartFailure } from '../helpers/server-process.ts';

const keys = makeKeyLine(new Date());
const env = { API_TOKEN: 'YOUR_API_TOKEN', SECRET_KEYS: keys, MAX_APPS_PER_ACCOUNT: '100000' };

/** A dialect and a way to run statements on the very connection that its store uses. */
function openedDialect(file: string) {
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

test('a lock that another process holds passes', async () => {
  await using deployment = await createDeployment();
  await using server = await deployment.startServer(env);
  const subject = {
    ...{ name: 'SQLite', keys },
    send: server.send,
    database: deployment.database,
    logged: () => server.output.stderr,
  };
  await injectFault(subject, {
    name: 'locked by another process',
    expected: { write: 503, read: 200, ready: 200 },
    code: /^SQLITE_BUSY$/,
    arrange: ({ database }) => database.lock(),
  });
});

/** Writes the log of writes back into the database file, again and again: the log starts from its beginning then. */
function keepEmptying(database: TestDatabase): AsyncDisposable {
  const timer = setInterval(() => void database.rows(sql`PRAGMA wal_checkpoint(PASSIVE)`).catch(() => {}), 10);
  return { [Symbol.asyncDispose]: async () => clearInterval(timer) };
}

test('a disk that refuses writes is survived', async () => {
  await using deployment = await createDeployment();
  // No file of this process may grow beyond three megabytes; the system refuses the write that would.
  const launcher = ['sh', '-c', 'ulimit -f 6144 && exec "$@"', 'sh'];
  await using server = await deployment.startServer(env, launcher);
  const subject = {
    ...{ name: 'SQLite', keys },
    send: server.send,
    database: deployment.database,
    logged: () => server.output.stderr,
  };
  await using stack = new AsyncDisposableStack();
  await injectFault(subject, {
    name: 'I/O error on every write',
    expected: { write: 503, read: 200, ready: 503 },
    code: /^SQLITE_IOERR$/,
    async arrange({ database }) {
      return { [Symbol.asyncDispose]: async () => void stack.use(keepEmptying(database)) };
    },
  });
});

test('a full disk is survived', async () => {
  await using database = await createDatabase();
  const { dialect, execute } = openedDialect(fileOf(database));
  const store = await openSqlStore(dialect);
  let logged = '';
  const log = createLog('warn', { write: (line) => (logged += line) });
  await using server = await startServer({ store, log, secretKeys: keys, maxAppsPerAccount: 100_000 });
  const http = createHttpClient(server.url, server.token);
  const subject = { ...{ name: 'SQLite', keys }, send: http.send, database, logged: () => logged };
  await injectFault(subject, {
    name: 'full disk',
    expected: { write: 503, read: 200, ready: 503 },
    code: /^SQLITE_FULL$/,
    // Small writes still find room in pages that are there.
    isPartial: true,
    async arrange() {
      await execute('PRAGMA max_page_count = 1');
      return { [Symbol.asyncDispose]: async () => void (await execute('PRAGMA max_page_count = 1000000000')) };
    },
  });
  http.close();
  await store.close();
});

test('a file that cannot be kept safe stops the start', async () => {
  await using deployment = await createDeployment();
  const folder = fileOf(deployment.database).replace(/\/[^/]*$/, '');
  // This way of using files has no memory that processes share, and so no log of writes.
  const DATABASE_URL = 'sqlite:file:test.db?vfs=unix-none';
  await expectStartFailure(
    deployment,
    { ...env, DATABASE_URL },
    /would not survive a crash \(journal_mode is not wal\)\. Put it/,
    folder,
  );
});

test.each(['OFF', 'NORMAL'])('commits that do not wait for the disk stop the start: %s', async (level) => {
  await using database = await createDatabase();
  const { dialect, driver, execute } = openedDialect(fileOf(database));
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

import { CompiledQuery, sql } from 'kysely';
import { expect, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { createLog } from '../../server/log.ts';
import { errorMessage } from '../../server/process/error-message.ts';
import { sqliteDialect } from '../../server/store/dialects/sqlite.ts';
import { openConnection } from '../../server/store/dialects/sqlite-file.ts';
import { memoryWriter } from '../../server/store/dialects/sqlite-writer.ts';
import { openSqlStore } from '../../server/store/sql/sql-store.ts';
import { createDatabase, fileOf, type TestDatabase } from '../helpers/databases.ts';
import { tryFault } from '../helpers/fault-table.ts';
import { createSender } from '../helpers/sender.ts';
import { startServer } from '../helpers/server.ts';
import { expectRefusal, makeSite } from '../helpers/server-process.ts';

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
  await using site = await makeSite();
  await using server = await site.startServer(env);
  const subject = {
    ...{ name: 'SQLite', keys },
    send: server.send,
    database: site.database,
    logged: () => server.said.stderr,
  };
  await tryFault(subject, {
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
  await using site = await makeSite();
  // No file of this process may grow beyond three megabytes; the system refuses the write that would.
  const launcher = ['sh', '-c', 'ulimit -f 6144 && exec "$@"', 'sh'];
  await using server = await site.startServer(env, launcher);
  const subject = {
    ...{ name: 'SQLite', keys },
    send: server.send,
    database: site.database,
    logged: () => server.said.stderr,
  };
  await using stack = new AsyncDisposableStack();
  await tryFault(subject, {
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
  const dialect = sqliteDialect(fileOf(database));
  const connection = openConnection(fileOf(database));
  const openWriter: typeof dialect.openWriter = (_db, statements) => memoryWriter(() => connection, statements);
  const store = await openSqlStore({ ...dialect, openWriter });
  let logged = '';
  const log = createLog('warn', { write: (line) => (logged += line) });
  await using server = await startServer({ store, log, secretKeys: keys, maxAppsPerAccount: 100_000 });
  const sender = createSender(server.url, server.token);
  const subject = { ...{ name: 'SQLite', keys }, send: sender.send, database, logged: () => logged };
  await tryFault(subject, {
    name: 'full disk',
    expected: { write: 503, read: 200, ready: 503 },
    code: /^SQLITE_FULL$/,
    // Small writes still find room in pages that are there.
    isPartial: true,
    async arrange() {
      connection.run('PRAGMA max_page_count = 1');
      return { [Symbol.asyncDispose]: async () => connection.run('PRAGMA max_page_count = 1000000000') };
    },
  });
  sender.close();
  await store.close();
  connection.close();
});

test('a file that cannot be kept safe stops the start', async () => {
  await using site = await makeSite();
  const folder = fileOf(site.database).replace(/\/[^/]*$/, '');
  // This way of using files has no memory that processes share, and so no log of writes.
  const DATABASE_URL = 'sqlite:file:test.db?vfs=unix-none';
  await expectRefusal(
    site,
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

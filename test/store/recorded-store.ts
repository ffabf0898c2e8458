import { CompiledQuery, type DatabaseConnection, type Dialect, type Driver } from 'kysely';
import { sqliteFile } from '../../server/store/database-url.ts';
import type { LendingPool } from '../../server/store/dialects/lending-pool.ts';
import { postgresDialect } from '../../server/store/dialects/postgres.ts';
import { openPool } from '../../server/store/dialects/postgres-pool.ts';
import { openConnection, type SqliteConnection } from '../../server/store/dialects/sqlite-file.ts';
import { localWriter } from '../../server/store/dialects/sqlite-writer.ts';
import { openDialect } from '../../server/store/open-store.ts';
import { openSqlStore } from '../../server/store/sql/sql-store.ts';

/** Wraps a connection and records its queries. */
const recordConnection = (
  connection: DatabaseConnection,
  record: (query: CompiledQuery) => void,
): DatabaseConnection => ({
  executeQuery(query) {
    record(query);
    return connection.executeQuery(query);
  },
  streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
});

/** Wraps a driver and records the queries of all its connections. */
function recordDriver(driver: Driver, record: (query: CompiledQuery) => void): Driver {
  const inner = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const innerOf = (connection: DatabaseConnection) => inner.get(connection) ?? connection;
  return {
    init: () => driver.init(),
    async acquireConnection() {
      const connection = await driver.acquireConnection();
      const recorded = recordConnection(connection, record);
      inner.set(recorded, connection);
      return recorded;
    },
    beginTransaction: (connection, settings) => driver.beginTransaction(innerOf(connection), settings),
    commitTransaction: (connection) => driver.commitTransaction(innerOf(connection)),
    rollbackTransaction: (connection) => driver.rollbackTransaction(innerOf(connection)),
    releaseConnection: (connection) => driver.releaseConnection(innerOf(connection)),
    destroy: () => driver.destroy(),
  };
}

/** Wraps the connection of a writer and records its statements. */
function recordWriter(connection: SqliteConnection, record: (query: CompiledQuery) => void): SqliteConnection {
  return {
    ...connection,
    prepare(query) {
      const prepared = connection.prepare(query);
      const recorded = (parameters: readonly unknown[]) => record(CompiledQuery.raw(query, [...parameters]));
      return {
        ...prepared,
        all(parameters) {
          recorded(parameters);
          return prepared.all(parameters);
        },
        run(parameters) {
          recorded(parameters);
          return prepared.run(parameters);
        },
      };
    },
  };
}

/** Wraps a pool of connections and records its statements. */
const recordPool = (pool: LendingPool, record: (query: CompiledQuery) => void): LendingPool => ({
  ...pool,
  query(config, options) {
    record(CompiledQuery.raw(config.text, config.values ?? []));
    return pool.query(config, options);
  },
});

/** Opens a store whose statements are recorded. Dispose of it with `await using`. */
export async function openRecordedStore(url: string) {
  const queries: CompiledQuery[] = [];
  const record = (query: CompiledQuery) => void queries.push(query);
  const file = sqliteFile(url);
  const dialect =
    file === undefined ? postgresDialect(recordPool(openPool(url, { size: 10 }), record)) : await openDialect(url);
  const { kysely } = dialect;
  const recorded: Dialect = {
    createAdapter: () => kysely.createAdapter(),
    createDriver: () => recordDriver(kysely.createDriver(), record),
    createIntrospector: (db) => kysely.createIntrospector(db),
    createQueryCompiler: () => kysely.createQueryCompiler(),
  };
  const writes = file === undefined ? undefined : openConnection(file);
  const store = await openSqlStore({
    ...dialect,
    kysely: recorded,
    openWriter(db, statements) {
      if (writes === undefined) return dialect.openWriter(db, statements);
      return localWriter(() => recordWriter(writes, record), statements);
    },
  });
  return {
    store,
    /** Returns the statements of `work`. */
    async record(work: () => Promise<unknown>): Promise<CompiledQuery[]> {
      queries.length = 0;
      await work();
      return [...queries];
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      writes?.close();
    },
  };
}

import type { CompiledQuery, DatabaseConnection, Dialect, Driver } from 'kysely';
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

/** Opens a store whose statements are recorded. Dispose of it with `await using`. */
export async function openRecordedStore(url: string) {
  const queries: CompiledQuery[] = [];
  const dialect = await openDialect(url);
  const { kysely } = dialect;
  const recorded: Dialect = {
    createAdapter: () => kysely.createAdapter(),
    createDriver: () => recordDriver(kysely.createDriver(), (query) => void queries.push(query)),
    createIntrospector: (db) => kysely.createIntrospector(db),
    createQueryCompiler: () => kysely.createQueryCompiler(),
  };
  const store = await openSqlStore({ ...dialect, kysely: recorded });
  return {
    store,
    /** Returns the statements of `work`. */
    async record(work: () => Promise<unknown>): Promise<CompiledQuery[]> {
      queries.length = 0;
      await work();
      return [...queries];
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
}

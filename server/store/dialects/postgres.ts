import { PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { MovingDialect, StoreDialect } from './dialect.ts';
import { lendingPool } from './lending-pool.ts';

/** How the pool behaves. All times in milliseconds. */
export interface PoolOptions {
  /** Connections at most. */
  readonly size: number;
}

/** No statement and no wait for a lock takes longer, less than a request has: the database itself says so first. */
const statementMilliseconds = 3_500;
const lockMilliseconds = 3_000;
const connectMilliseconds = 3_000;
/** A database that is gone without a word is noticed, even where nobody counts the time. */
const keepAliveMilliseconds = 10_000;
const int8 = 20;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: states, or their classes, that say "not now". */
const unavailable = /^(?:08|28|3D|53|58|57P|57014|25006|25P03|25P04)/;
/** Somebody was in the way, and the transaction was undone: worth another try at once. */
const contended = new Set(['40001', '40P01', '55P03']);
/** What Node says of a connection that is not there. */
const broken = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** Errors of the driver that have no code. */
const brokenMessages = /Connection terminated|timeout exceeded when trying to connect|not queryable|^SASL/i;

const moving: MovingDialect = {
  begin: (tables) => [
    // The other side of a move may be at work for minutes.
    sql`SET LOCAL idle_in_transaction_session_timeout = 0`,
    sql`LOCK TABLE ${sql.join(tables.map((table) => sql.table(table)))} IN EXCLUSIVE MODE`,
  ],
  keepNumbers: sql`OVERRIDING SYSTEM VALUE`,
  readCounter: (table) =>
    sql`SELECT pg_sequence_last_value(pg_get_serial_sequence(${table}, 'position')::regclass) AS last`,
  // Undone with the transaction, which setval() alone is not. RESTART takes no parameters.
  setCounter: (table, last) => [
    sql`ALTER TABLE ${sql.table(table)} ALTER COLUMN position RESTART WITH ${sql.raw(String(last))}`,
    sql`SELECT nextval(pg_get_serial_sequence(${table}, 'position'))`,
  ],
};

/** PostgreSQL through a pool of connections: any number of server processes. */
export function postgresDialect(url: string, { size }: PoolOptions): StoreDialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    connectionTimeoutMillis: connectMilliseconds,
    // No time-out of the driver: it would hand a connection on that is still in the middle of something.
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMilliseconds,
    statement_timeout: statementMilliseconds,
    lock_timeout: lockMilliseconds,
    idle_in_transaction_session_timeout: 2 * statementMilliseconds,
    application_name: 'oauth-apps',
    // Counters fit a double; text is what the driver gives for bigint by default.
    types: {
      getTypeParser: (type: number, format?: 'text' | 'binary') =>
        type === int8 ? Number : pg.types.getTypeParser(type, format as 'text'),
    },
  });
  // A connection that breaks while nobody uses it, or between two statements, is replaced; without listeners it would
  // end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => void client.on('error', () => {}));
  const lending = lendingPool(pool);
  return {
    kysely: new PostgresDialect({ pool: lending }),
    pool: lending,
    countingColumn: { type: 'bigint', define: (column) => column.primaryKey().generatedAlwaysAsIdentity() },
    finishTable: (table) => table,
    makeAppendOnly: (table) => [
      sql.raw(`CREATE FUNCTION ${table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '${table} is append-only'; END $$`),
      sql.raw(`CREATE TRIGGER ${table}_refuses_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION ${table}_is_append_only()`),
    ],
    // The server's own settings decide, and whoever runs it.
    checkDurable: async () => {},
    moving,
    readUnavailable(error) {
      const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string };
      if (contended.has(code)) return { code, isContended: true };
      if (unavailable.test(code) || broken.has(code)) return { code, isContended: false };
      return brokenMessages.test(message) ? { code: 'CONNECTION', isContended: false } : undefined;
    },
  };
}

import {
  CompiledQuery,
  type DatabaseConnection,
  PostgresAdapter,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  sql,
} from 'kysely';
import type { StoreDialect, TransferDialect } from './dialect.ts';
import type { LendingPool } from './lending-pool.ts';
import { lookups } from './postgres-lookups.ts';
import { postgresWriter } from './postgres-writer.ts';
import { openReplica } from './replica.ts';

/** The database's own timeouts, shorter than the deadline of a request, so that its error comes first. */
const statementMilliseconds = 3_500;
const lockMilliseconds = 3_000;

/**
 * The SQLSTATEs, or their classes, that mean "not now".
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const unavailable = /^(?:08|28|3D|53|58|57P|57014|25006|25P03|25P04)/;
/** The SQLSTATEs after which the database has rolled back and a retry may succeed at once. */
const contended = new Set(['40001', '40P01', '55P03']);
/** Node's error codes of a missing or broken connection. */
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
/** The errors of TLS and of channel binding, which an operator mends. */
const insecure =
  /^(?:TLS_UNSUPPORTED|NO_CHANNEL_BINDING|CONNECTION|CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;
/** The driver's errors that have no code. */
const brokenMessages = /Connection terminated|timeout exceeded when trying to connect|not queryable|^SASL/i;

const transfer: TransferDialect = {
  begin: (tables) => [
    // The other endpoint of a transfer may work for minutes.
    sql`SET LOCAL idle_in_transaction_session_timeout = 0`,
    sql`LOCK TABLE ${sql.join(tables.map((table) => sql.table(table)))} IN EXCLUSIVE MODE`,
  ],
  overridingNumbers: sql`OVERRIDING SYSTEM VALUE`,
  readSequence: (table) =>
    sql`SELECT pg_sequence_last_value(pg_get_serial_sequence(${table}, 'position')::regclass) AS last`,
  // A rollback undoes these, but not setval(). RESTART takes no parameters.
  setSequence: (table, last) => [
    sql`ALTER TABLE ${sql.table(table)} ALTER COLUMN position RESTART WITH ${sql.raw(String(last))}`,
    sql`SELECT nextval(pg_get_serial_sequence(${table}, 'position'))`,
  ],
};

/** Leaves the lock of migrations to their transaction: a pooler may give a locked session to another client. */
class TransactionalAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

const begin = CompiledQuery.raw(
  `begin; set local statement_timeout = ${statementMilliseconds}; set local lock_timeout = ${lockMilliseconds}; ` +
    `set local idle_in_transaction_session_timeout = ${2 * statementMilliseconds}`,
);

/** Sets the timeouts of each transaction, and nothing that outlasts it: a pooler shares its sessions. */
class TransactionalDriver extends PostgresDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(begin);
  }
}

class PooledDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;
  constructor(config: PostgresDialectConfig) {
    super(config);
    this.#config = config;
  }
  override createAdapter(): PostgresAdapter {
    return new TransactionalAdapter();
  }
  override createDriver(): PostgresDriver {
    return new TransactionalDriver(this.#config);
  }
}

/**
 * Returns the dialect of PostgreSQL, through a pool of connections. Any number of servers may share the database.
 * @param replica The pool of a replica, for lists.
 */
export function postgresDialect(pool: LendingPool, replica?: LendingPool): StoreDialect {
  return {
    isInMemory: false,
    kysely: new PooledDialect({ pool }),
    pool,
    ...(replica && { replica: openReplica(replica) }),
    openLookup: () => lookups(pool, replica !== undefined),
    beginMigration: [
      sql`SET LOCAL statement_timeout = 0`,
      // The lock of Kysely's own migrator, which earlier versions of this program take.
      sql`SELECT pg_advisory_xact_lock(3853314791062309107)`,
    ],
    listText: (json) => sql`SELECT json_array_elements_text(${json}::json) AS value`,
    listIntegers: (json) => sql`SELECT json_array_elements_text(${json}::json)::integer AS value`,
    openWriter: (db, statements) => postgresWriter(pool, db, statements),
    numberColumn: { type: 'bigint', define: (column) => column.primaryKey().generatedAlwaysAsIdentity() },
    finishTable: (table) => table,
    makeAppendOnly: (table) => [
      sql.raw(`CREATE FUNCTION ${table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '${table} is append-only'; END $$`),
      sql.raw(`CREATE TRIGGER ${table}_refuses_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION ${table}_is_append_only()`),
    ],
    permitChanges: (table) => [
      sql.raw(`DROP TRIGGER IF EXISTS ${table}_refuses_changes ON ${table}`),
      sql.raw(`DROP FUNCTION IF EXISTS ${table}_is_append_only()`),
    ],
    // The settings of the PostgreSQL server decide, which its operator makes.
    checkDurable: async () => {},
    transfer,
    readUnavailable(error) {
      const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string };
      if (contended.has(code)) return { code, isContended: true };
      if (unavailable.test(code) || broken.has(code) || insecure.test(code)) return { code, isContended: false };
      return brokenMessages.test(message) ? { code: 'CONNECTION', isContended: false } : undefined;
    },
  };
}

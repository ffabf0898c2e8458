import type { Pool, PoolClient, QueryArrayConfig, QueryConfig } from 'pg';
import { millisecondsLeft } from '../deadline.ts';
import { StoreUnavailable } from '../store.ts';
import { accountShares } from './account-shares.ts';
import { cancelStatement } from './cancel.ts';

export interface LendOptions {
  /** The account that the connection is lent for. Left out: it serves several accounts, or none. */
  readonly accountId?: string;
  /** Milliseconds after which the statement is cancelled. @default the time until the deadline of the call */
  readonly milliseconds?: number;
  /** Whether an error may leave a transaction open, so that the connection is closed then. */
  readonly isTransaction?: boolean;
}

/** The rows of a statement, or their values in the order of its columns. */
export interface Rows {
  readonly rows: readonly unknown[];
}

/** A pool that lends a connection until the deadline of the call. */
export interface LendingPool {
  connect(): Promise<PoolClient>;
  readonly options: Pool['options'];
  /** Does work on a connection that is lent for it. */
  use<Result>(options: LendOptions, work: (client: PoolClient) => Promise<Result>): Promise<Result>;
  /** Runs one statement on a connection that is lent for it. Its name is left out where it cannot be prepared by name. */
  query(config: QueryConfig | QueryArrayConfig, options?: LendOptions): Promise<Rows>;
  /** Finds out whether sessions keep statements that are prepared by name. Returns the reason where they do not. */
  checkPrepare(): Promise<string | undefined>;
  /** Returns the open connections, and the calls that wait for one. */
  load(): { readonly connections: number; readonly waiting: number };
  end(): Promise<void>;
}

/** Takes a connection of the pool, or makes one. */
type Connect = () => Promise<PoolClient>;

/** Waits for a connection until the deadline. One that arrives later is released at once. @throws StoreUnavailable */
async function take(connect: Connect, milliseconds: number): Promise<PoolClient> {
  if (milliseconds === Number.POSITIVE_INFINITY) return connect();
  const { promise: deadline, reject } = Promise.withResolvers<never>();
  const taken = connect();
  const timer = setTimeout(() => {
    reject(new StoreUnavailable('TIMEOUT'));
    taken.then(
      (client) => client.release(),
      () => {},
    );
  }, milliseconds);
  return Promise.race([taken, deadline]).finally(() => clearTimeout(timer));
}

/**
 * Lends a connection. If it is still in use at the deadline, its statement is cancelled and it is closed: a statement or
 * a transaction may be running on it, so it must not return to the pool; the database rolls back what is not committed.
 */
async function lend(connect: Connect, milliseconds: number): Promise<PoolClient> {
  const end = performance.now() + milliseconds;
  const client = await take(connect, milliseconds);
  if (milliseconds === Number.POSITIVE_INFINITY) return client;
  let isLate = false;
  const timer = setTimeout(
    () => {
      isLate = true;
      void cancelStatement(client).then(() => client.end());
    },
    Math.max(1, end - performance.now()),
  );
  const { release } = client;
  client.release = (error) => {
    clearTimeout(timer);
    release(isLate || error);
  };
  return client;
}

/** The SQLSTATEs after which a connection is left: a host that takes no writes, and a session that the database has ended. */
const leftAfter = /^(?:25006|57P0[1-5])$/;

/** A statement that reports whether the session is a pooler's, and whether a name means the same to the database. */
const probe = {
  name: 'oauth_apps_probe',
  text: `SELECT pg_backend_pid() AS pid, EXISTS (
    SELECT FROM pg_prepared_statements WHERE name = 'oauth_apps_probe') AS has_name`,
};

/** Finds out whether a name keeps its meaning on a connection. */
async function canPrepare(client: PoolClient): Promise<boolean> {
  const { processID } = client as object as { processID: number };
  try {
    const { rows } = await client.query<{ pid: number; has_name: boolean }>(probe);
    // A pooler has process ids of its own. One that knows prepared statements gives them names of its own, too.
    return rows[0]?.pid === processID || rows[0]?.has_name === false;
  } catch (error) {
    // A session that another client has left such a statement in (42P05), or that lost it in between (26000).
    if (/^(?:42P05|26000)$/.test((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
}

/**
 * Runs a statement. The driver's objects are found reachable by V8's next scavenge, long after their statement: they let
 * go of its values and rows, which would be copied and then move to the old generation.
 */
async function run(client: PoolClient, config: QueryConfig | QueryArrayConfig): Promise<Rows> {
  const values = [...(config.values ?? [])];
  try {
    const result = await client.query({ ...config, values });
    const { rows } = result;
    result.rows = [];
    return { rows };
  } finally {
    values.length = 0;
  }
}

/**
 * Wraps a pool so that it lends connections. An account holds at most half of them at a time, so that the others are
 * there for other accounts.
 */
export function lendingPool(pool: Pool, connect: Connect): LendingPool {
  const shares = accountShares(Math.max(1, Math.floor(pool.options.max / 2)));
  let isPrepared = false;
  const use: LendingPool['use'] = async (options, work) => {
    const { accountId, milliseconds = millisecondsLeft(), isTransaction = false } = options;
    const giveBack = accountId === undefined ? undefined : await shares.take(accountId, milliseconds);
    try {
      const client = await lend(connect, milliseconds);
      try {
        const result = await work(client);
        client.release();
        return result;
      } catch (error) {
        client.release(isTransaction || leftAfter.test((error as { code?: string }).code ?? ''));
        throw error;
      }
    } finally {
      giveBack?.();
    }
  };
  return {
    options: pool.options,
    connect: () => lend(connect, millisecondsLeft()),
    use,
    query: ({ name, ...config }, options = {}) =>
      use(options, (client) => run(client, isPrepared ? { name, ...config } : config)),
    async checkPrepare() {
      const client = await lend(connect, millisecondsLeft());
      try {
        isPrepared = await canPrepare(client);
      } finally {
        client.release();
      }
      return isPrepared
        ? undefined
        : 'The database is behind a pooler that keeps no prepared statements: statements are sent without names.';
    },
    load: () => ({ connections: pool.totalCount, waiting: pool.waitingCount }),
    end: () => pool.end(),
  };
}

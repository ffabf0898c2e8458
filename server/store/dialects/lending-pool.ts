import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg';
import { millisecondsLeft } from '../deadline.ts';
import { StoreUnavailable } from '../store.ts';

/** A pool that lends a connection until the deadline of the call. */
export interface LendingPool {
  connect(): Promise<PoolClient>;
  readonly options: Pool['options'];
  /** Runs one statement on a connection that is lent for it. */
  query(config: QueryConfig): Promise<QueryResult>;
  /** Returns the open connections, and the calls that wait for one. */
  load(): { readonly connections: number; readonly waiting: number };
  end(): Promise<void>;
}

/** Waits for a connection until the deadline. One that arrives later is released at once. @throws StoreUnavailable */
async function take(pool: Pool): Promise<PoolClient> {
  const milliseconds = millisecondsLeft();
  if (milliseconds === Number.POSITIVE_INFINITY) return pool.connect();
  const { promise: deadline, reject } = Promise.withResolvers<never>();
  const taken = pool.connect();
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
 * Lends a connection, and closes it if it is still in use at the deadline. A statement or a transaction may be running
 * on it, so it must not return to the pool; the database rolls back what is not committed.
 */
async function lend(pool: Pool): Promise<PoolClient> {
  const client = await take(pool);
  const milliseconds = millisecondsLeft();
  if (milliseconds === Number.POSITIVE_INFINITY) return client;
  const timer = setTimeout(() => void client.end(), milliseconds);
  const { release } = client;
  client.release = (error) => {
    clearTimeout(timer);
    release(error);
  };
  return client;
}

/** Wraps a pool so that it lends connections. */
export function lendingPool(pool: Pool): LendingPool {
  return {
    options: pool.options,
    connect: () => lend(pool),
    async query(config) {
      const client = await lend(pool);
      try {
        return await client.query(config);
      } finally {
        client.release();
      }
    },
    load: () => ({ connections: pool.totalCount, waiting: pool.waitingCount }),
    end: () => pool.end(),
  };
}

import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg';
import { StoreUnavailable } from '../store.ts';
import { timeLeft } from '../deadline.ts';

/** Connections that are lent for as long as the call has time. */
export interface LendingPool {
  connect(): Promise<PoolClient>;
  readonly options: Pool['options'];
  /** Runs one statement on a connection of its own. */
  query(config: QueryConfig): Promise<QueryResult>;
  end(): Promise<void>;
}

/** Waits for a connection until the time is over; one that comes later goes back at once. */
async function take(pool: Pool): Promise<PoolClient> {
  const milliseconds = timeLeft();
  if (milliseconds === Number.POSITIVE_INFINITY) return pool.connect();
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const taken = pool.connect();
  const timer = setTimeout(() => {
    reject(new StoreUnavailable('TIMEOUT'));
    taken.then(
      (client) => client.release(),
      () => {},
    );
  }, milliseconds);
  return Promise.race([taken, tooLate]).finally(() => clearTimeout(timer));
}

/**
 * Closes a connection whose time is over while it is in use. Nobody knows what runs on it, or in which transaction, so
 * it must not go back; the database undoes what was not committed.
 */
async function lend(pool: Pool): Promise<PoolClient> {
  const client = await take(pool);
  const milliseconds = timeLeft();
  if (milliseconds === Number.POSITIVE_INFINITY) return client;
  const timer = setTimeout(() => void client.end(), milliseconds);
  const { release } = client;
  client.release = (error) => {
    clearTimeout(timer);
    release(error);
  };
  return client;
}

/** Lends the connections of a pool. */
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
    end: () => pool.end(),
  };
}

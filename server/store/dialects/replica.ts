/** Lists from a replica of the database, which is a little behind. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PoolClient, QueryConfig, QueryResult } from 'pg';
import type { LendingPool, Rows } from './lending-pool.ts';

/** The time that a list waits for a replica that is behind, before it goes to the primary. */
const waitMilliseconds = 50;
const pauseMilliseconds = 5;
/** The time that a replica gets for a list, with the connection to it. */
const readMilliseconds = 1_000;
/** The time for which lists pass over a replica that was down or too far behind. */
const restMilliseconds = 1_000;

/**
 * Begins a transaction and reads how far the replica has replayed, as a number of bytes. Statements after it see at least
 * that state, because each has a snapshot of its own. A server that is no replica, or receives nothing, reports nothing.
 */
const begin = `BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY;
  SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::float8 AS replayed
  WHERE pg_is_in_recovery() AND EXISTS (SELECT FROM pg_stat_wal_receiver)`;

/** The column of a statement on the primary: the state that everything committed so far is part of, as a number of bytes. */
export const markColumn = `CASE WHEN pg_is_in_recovery() THEN NULL
  ELSE pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::float8 END`;

export interface Replica {
  /** Tries the replica. Returns a sentence for the operator: whether lists come from it, or why not. Never rejects. */
  describe(): Promise<string>;
  /**
   * Runs a statement on the replica, once that has the state of `mark`. Returns undefined where the primary has to run it:
   * the replica is too far behind, down, or not a replica. Never rejects.
   */
  read(config: QueryConfig, options: { readonly accountId: string; readonly mark: number }): Promise<Rows | undefined>;
  /** The statements that the replica ran, and those that it was asked for and could not run. */
  counts(): { readonly reads: number; readonly misses: number };
  end(): Promise<void>;
}

/** Begins a transaction, and returns how far the replica has replayed; undefined where there is no replica. */
async function beginRead(client: PoolClient): Promise<number | undefined> {
  const results = (await client.query(begin)) as object as QueryResult<{ replayed: number }>[];
  return results[1]?.rows[0]?.replayed;
}

async function readOnce(client: PoolClient, config: QueryConfig, mark: number): Promise<Rows | undefined> {
  const replayed = await beginRead(client);
  const result = replayed !== undefined && replayed >= mark ? await client.query(config) : undefined;
  await client.query('COMMIT');
  return result;
}

/** Opens the replica behind a pool. It may be down. */
export function openReplica(pool: LendingPool): Replica {
  let [reads, misses, restsUntil] = [0, 0, 0];
  /** Whether the last statement got its rows. Otherwise one statement tries, and the others do not wait for it. */
  let [isWell, isTried] = [false, false];

  const readSoon: Replica['read'] = async (config, { accountId, mark }) => {
    const end = performance.now() + waitMilliseconds;
    const options = { accountId, milliseconds: readMilliseconds, isTransaction: true };
    for (;;) {
      const rows = await pool.use(options, (client) => readOnce(client, config, mark));
      if (rows !== undefined || performance.now() + pauseMilliseconds > end) return rows;
      await delay(pauseMilliseconds);
    }
  };

  return {
    async describe() {
      const use = { milliseconds: readMilliseconds, isTransaction: true };
      try {
        const replayed = await pool.use(use, async (client) => {
          const found = await beginRead(client);
          await client.query('COMMIT');
          return found;
        });
        if (replayed !== undefined) return 'Lists come from the replica of DATABASE_REPLICA_URL.';
        return 'DATABASE_REPLICA_URL names no standby that follows a primary. Until it does, lists come from the primary.';
      } catch (error) {
        const { code = 'CONNECTION' } = error as { code?: string };
        return `The replica does not respond (${code}). Until it does, lists come from the primary. Look at DATABASE_REPLICA_URL.`;
      }
    },
    async read(config, options) {
      if (performance.now() < restsUntil || (!isWell && isTried)) return undefined;
      isTried = true;
      const rows = await readSoon(config, options).catch(() => undefined);
      isTried = false;
      isWell = rows !== undefined;
      if (isWell) reads += 1;
      else {
        misses += 1;
        restsUntil = performance.now() + restMilliseconds;
      }
      return rows;
    },
    counts: () => ({ reads, misses }),
    end: () => pool.end(),
  };
}

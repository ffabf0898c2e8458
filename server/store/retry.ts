import { setTimeout } from 'node:timers/promises';
import { millisecondsLeft, startClock } from './deadline.ts';
import type { StoreDialect } from './dialects/dialect.ts';
import { StoreUnavailable } from './store.ts';

/** The time that a call waits for another transaction, all attempts together. */
const timeoutMilliseconds = 2_000;
/** The same at start, when many servers may migrate the tables at once. */
const startTimeoutMilliseconds = 20_000;
const longestPauseMilliseconds = 40;
/** The time after a failed write during which the store is not ready, unless a later write succeeds. */
const brokenMilliseconds = 3_000;

async function retry<Result>(dialect: StoreDialect, timeout: number, query: () => Promise<Result>): Promise<Result> {
  const stopClock = startClock();
  const deadline = performance.now() + Math.min(timeout, millisecondsLeft());
  try {
    for (let pause = 1; ; pause = Math.min(pause * 2, longestPauseMilliseconds)) {
      try {
        return await query();
      } catch (error) {
        const unavailable = dialect.readUnavailable(error);
        if (unavailable === undefined) throw error;
        const { code, isContended } = unavailable;
        if (!isContended || performance.now() > deadline) throw new StoreUnavailable(code, isContended);
        await setTimeout(pause * (0.5 + Math.random()));
      }
    }
  } finally {
    stopClock();
  }
}

/** Makes the functions that run queries and retry them while another transaction is in the way. */
export function retrying(dialect: StoreDialect) {
  let broken: { readonly until: number; readonly code: string } | undefined;
  let writes = 0;
  const read = <Result>(query: () => Promise<Result>): Promise<Result> => retry(dialect, timeoutMilliseconds, query);
  return {
    /** Runs a query. @throws StoreUnavailable when the database cannot respond in time. */
    read,
    /** Runs a query with the longer timeout of a start. @throws StoreUnavailable */
    start: <Result>(query: () => Promise<Result>) => retry(dialect, startTimeoutMilliseconds, query),
    /** Runs a query that writes, and remembers its outcome. @throws StoreUnavailable */
    async write<Result>(query: () => Promise<Result>): Promise<Result> {
      writes += 1;
      try {
        const result = await read(query);
        broken = undefined;
        return result;
      } catch (error) {
        if (error instanceof StoreUnavailable && !error.isContended) {
          broken = { until: performance.now() + brokenMilliseconds, code: error.code };
        }
        throw error;
      } finally {
        writes -= 1;
      }
    },
    /** Returns the number of writes that run or wait. */
    countWrites: () => writes,
    /** Rejects while writes fail, as on a full disk, which reads do not show. @throws StoreUnavailable */
    async checkWrites(): Promise<void> {
      if (broken !== undefined && performance.now() < broken.until) throw new StoreUnavailable(broken.code);
    },
  };
}

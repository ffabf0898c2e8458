import { setTimeout } from 'node:timers/promises';
import type { StoreDialect } from './dialects/dialect.ts';
import { StoreUnavailable } from './store.ts';
import { spendTime, timeLeft } from './deadline.ts';

/** How long a call waits for somebody who is in the way, all tries together. */
const patienceMilliseconds = 2_000;
/** The same for the start, when many servers may want to make the tables. */
const startPatienceMilliseconds = 20_000;
const longestPauseMilliseconds = 40;
/** How long after a write that failed the store calls itself broken, unless another one succeeds. */
const brokenMilliseconds = 3_000;

async function tryAgain<Result>(dialect: StoreDialect, patience: number, query: () => Promise<Result>) {
  const deadline = performance.now() + Math.min(patience, timeLeft());
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
}

/** Ways to run queries, again while somebody is in the way; a database that cannot answer becomes `StoreUnavailable`. */
export function persistence(dialect: StoreDialect) {
  let broken: { readonly until: number; readonly code: string } | undefined;
  const read = <Result>(query: () => Promise<Result>): Promise<Result> =>
    spendTime(() => tryAgain(dialect, patienceMilliseconds, query));
  return {
    read,
    /** With the patience of a start. */
    start: <Result>(query: () => Promise<Result>) => tryAgain(dialect, startPatienceMilliseconds, query),
    /** Remembers how it went. */
    async write<Result>(query: () => Promise<Result>): Promise<Result> {
      try {
        const result = await read(query);
        broken = undefined;
        return result;
      } catch (error) {
        if (error instanceof StoreUnavailable && !error.isContended) {
          broken = { until: performance.now() + brokenMilliseconds, code: error.code };
        }
        throw error;
      }
    },
    /** Rejects where writes fail, as on a full disk, which reads do not show. */
    async checkWrites(): Promise<void> {
      if (broken !== undefined && performance.now() < broken.until) throw new StoreUnavailable(broken.code);
    },
  };
}

import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { LendingPool } from '../dialects/lending-pool.ts';
import type { CountRequest } from '../store.ts';

const minuteSeconds = 60;

/** Counts requests in the database that servers share, or in this process alone. See `Store.countRequests`. */
export function countRequests(requestsPerMinute: number, pool?: LendingPool): CountRequest {
  const options = { points: requestsPerMinute, duration: minuteSeconds };
  const limiter =
    pool === undefined
      ? new RateLimiterMemory(options)
      : new RateLimiterPostgres({
          ...options,
          ...{ storeClient: pool, storeType: 'pool', tableName: 'request_counts', tableCreated: true },
          // A token over its limit costs the database nothing for the rest of the minute.
          inMemoryBlockOnConsumed: requestsPerMinute + 1,
        });
  return async (tokenId) => {
    try {
      await limiter.consume(tokenId);
      return 0;
    } catch (error) {
      if (error instanceof RateLimiterRes) return Math.max(1, error.msBeforeNext);
      throw error;
    }
  };
}

import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { LendingPool } from '../dialects/lending-pool.ts';
import type { CountRequest } from '../store.ts';

const minuteSeconds = 60;

/** Counts requests in a database that servers share, or else in this process alone; the contract is `CountRequest`. */
export function countRequests(requestsPerMinute: number, pool?: LendingPool): CountRequest {
  const options = { points: requestsPerMinute, duration: minuteSeconds };
  const limiter =
    pool === undefined
      ? new RateLimiterMemory(options)
      : new RateLimiterPostgres({
          ...options,
          ...{ storeClient: pool, storeType: 'pool', tableName: 'request_counts', tableCreated: true },
          // Once too many, the rest of the minute costs the database nothing.
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

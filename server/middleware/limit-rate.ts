import type { RequestHandler } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller } from '../handlers.ts';
import { refuse } from '../problem.ts';

const minuteSeconds = 60;

/** Lets each token have so many requests in a minute, counted from its first. */
export function limitRate(requestsPerMinute: number): RequestHandler {
  const limiter = new RateLimiterMemory({ points: requestsPerMinute, duration: minuteSeconds });
  return async (_req, res, next) => {
    const { tokenId }: Caller = res.locals.caller;
    try {
      await limiter.consume(tokenId);
      next();
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
      next(refuse('TooManyRequests', { headers: { 'Retry-After': String(seconds) } }));
    }
  };
}

import type { RequestHandler } from 'express';
import type { Caller } from '../operation-types.ts';
import { refuse } from '../problem.ts';
import type { CountRequest } from '../store/store.ts';

/** Lets each token have so many requests in a minute, counted from its first. */
export function limitRate(countRequest: CountRequest): RequestHandler {
  return async (_req, res, next) => {
    const { tokenId }: Caller = res.locals.caller;
    const milliseconds = await countRequest(tokenId);
    if (milliseconds === 0) {
      next();
      return;
    }
    const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
    next(refuse('TooManyRequests', { headers: { 'Retry-After': String(seconds) } }));
  };
}

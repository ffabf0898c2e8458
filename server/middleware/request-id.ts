import type { RequestHandler } from 'express';

/** Gives every request an id, which its answer carries whatever comes of it. */
export function assignRequestId(newId: () => string): RequestHandler {
  return (_req, res, next) => {
    res.locals.requestId = newId();
    res.set('X-Request-Id', res.locals.requestId);
    next();
  };
}

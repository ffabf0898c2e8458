import type { RequestHandler } from 'express';
import { operations } from '../../generated/operations.ts';
import { matchRoute, type Route } from './routes.ts';
import { splitTarget } from './target.ts';

/** The time that a browser may remember the response to a preflight: two hours, the longest that Chromium keeps. */
const maxAgeSeconds = 7_200;
/** Headers of requests that a page may set, those of the description included. Lists of browsers have no wildcard for credentials. */
const requestHeaders = [
  ...new Set(['Authorization', 'Content-Type', ...Object.values(operations).flatMap(({ headers }) => headers)]),
].join(', ');
/** Headers of responses that a page may read, besides the few that every page may. */
export const exposedHeaders = ['Allow', 'ETag', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id'].join(', ');

/**
 * Lets pages of other origins use the operations: responds to their preflights before authentication, because browsers send
 * no credentials with them, and marks every response. Cookies play no part, so credentials mode is not allowed.
 * @param origins `*` lets pages of every origin.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function allowOrigins(origins: readonly string[], routes: readonly Route[]): RequestHandler {
  const allowed = new Set(origins);
  return (req, res, next) => {
    const route = matchRoute(routes, splitTarget(req.url).path)?.route;
    const { origin } = req.headers;
    if (!allowed.has('*')) res.setHeader('Vary', 'Origin');
    if (origin === undefined || route === undefined || !(allowed.has('*') || allowed.has(origin))) return next();
    res.setHeader('Access-Control-Allow-Origin', allowed.has('*') ? '*' : origin);
    const isPreflight = req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined;
    if (!isPreflight) {
      res.setHeader('Access-Control-Expose-Headers', exposedHeaders);
      return next();
    }
    res.setHeader('Access-Control-Allow-Methods', route.allow);
    res.setHeader('Access-Control-Allow-Headers', requestHeaders);
    res.setHeader('Access-Control-Max-Age', String(maxAgeSeconds));
    res.writeHead(204).end();
  };
}

import type { Request, RequestHandler } from 'express';
import { refuse } from '../problem.ts';
import { sentValues } from './raw-headers.ts';

/** More than any operation has; the query parser would silently drop what comes after a thousand. */
const maxQueryParts = 100;

function isDecodable(text: string): boolean {
  if (!text.includes('%')) return true;
  try {
    return !decodeURIComponent(text).includes('\u0000');
  } catch {
    return false;
  }
}

/** RFC 9112, section 3.2: one `Host`, which HTTP/1.0 alone may leave out. */
function hasHost(req: Request): boolean {
  const hosts = sentValues(req, 'host').length;
  return hosts === 1 || (hosts === 0 && req.httpVersion !== '1.1');
}

const isPlain = (target: string): boolean =>
  target.startsWith('/') && !/[#\\]/.test(target) && isDecodable(target) && target.split('&').length <= maxQueryParts;

/**
 * Lets only plain request targets through: a path and a query (no absolute form, no fragment), percent-encoded UTF-8,
 * and one host, so that every part of the server, and what stands before it, reads the same target.
 */
export const refuseOddTargets: RequestHandler = (req, _res, next) => {
  if (!hasHost(req)) {
    next(refuse('MalformedRequest', { summary: 'The request needs one Host header.' }));
    return;
  }
  if (isPlain(req.originalUrl)) next();
  else next(refuse('MalformedRequest', { summary: 'The request target is malformed.' }));
};

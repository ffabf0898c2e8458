import type { Request, RequestHandler } from 'express';
import { refuse } from '../problem.ts';

/** More than any operation has; the query parser would silently drop what comes after a thousand. */
const maxQueryParts = 100;

function isDecodable(text: string): boolean {
  try {
    return !decodeURIComponent(text).includes('\u0000');
  } catch {
    return false;
  }
}

/** RFC 9112, section 3.2: one `Host`, which HTTP/1.0 alone may leave out. */
function hasHost({ headersDistinct, httpVersion }: Request): boolean {
  const hosts = headersDistinct.host?.length ?? 0;
  return hosts === 1 || (hosts === 0 && httpVersion !== '1.1');
}

/**
 * Lets only plain request targets through: a path and a query (no absolute form, no fragment), percent-encoded UTF-8,
 * and one host, so that every part of the server, and what stands before it, reads the same target.
 */
export const refuseOddTargets: RequestHandler = (req, _res, next) => {
  if (!hasHost(req)) {
    next(refuse('MalformedRequest', { summary: 'The request needs one Host header.' }));
    return;
  }
  const target = req.originalUrl;
  const isPlain =
    target.startsWith('/') && !/[#\\]/.test(target) && isDecodable(target) && target.split('&').length <= maxQueryParts;
  next(isPlain ? undefined : refuse('MalformedRequest', { summary: 'The request target is malformed.' }));
};

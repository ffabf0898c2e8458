import type { RequestHandler } from 'express';
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

/**
 * Lets only plain request targets through: a path and a query (no absolute form, no fragment), percent-encoded UTF-8,
 * so that every part of the server reads the same target.
 */
export const refuseOddTargets: RequestHandler = (req, _res, next) => {
  const target = req.originalUrl;
  const isPlain =
    target.startsWith('/') && !/[#\\]/.test(target) && isDecodable(target) && target.split('&').length <= maxQueryParts;
  next(isPlain ? undefined : refuse('MalformedRequest', { summary: 'The request target is malformed.' }));
};

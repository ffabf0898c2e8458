import type { IncomingMessage } from 'node:http';
import { type Rejection, reject } from '../problem.ts';
import { listSentValues } from './raw-headers.ts';

/** The target of a request: a path and a query, both percent-encoded. */
export interface Target {
  readonly path: string;
  /** Behind the `?`; empty where there is none. */
  readonly query: string;
}

/** More than any operation has. Node's query parser drops everything behind a thousand without a word. */
const maxQueryParts = 100;

function isDecodable(text: string): boolean {
  if (!text.includes('%')) return true;
  try {
    return !decodeURIComponent(text).includes('\u0000');
  } catch {
    return false;
  }
}

/** Whether the request has one `Host` header, which only HTTP/1.0 may leave out (RFC 9112, section 3.2). */
function hasHost(req: IncomingMessage): boolean {
  const hosts = listSentValues(req, 'host').length;
  return hosts === 1 || (hosts === 0 && req.httpVersion !== '1.1');
}

const isPlain = (target: string): boolean =>
  target.startsWith('/') && !/[#\\]/.test(target) && isDecodable(target) && target.split('&').length <= maxQueryParts;

/** Splits a request target at its first `?`. */
export function splitTarget(target = ''): Target {
  const end = target.indexOf('?');
  return end < 0 ? { path: target, query: '' } : { path: target.slice(0, end), query: target.slice(end + 1) };
}

/**
 * Returns the target of a request relative to where the app is mounted. Rejects what another server in front could read
 * otherwise: an absolute form, a fragment, a backslash, percent-encoding that is not UTF-8, U+0000, more than one host.
 */
export function readTarget(req: IncomingMessage): Target | Rejection<'MalformedRequest'> {
  const { url = '' } = req;
  if (!hasHost(req)) return reject('MalformedRequest', { summary: 'The request needs one Host header.' });
  if (!isPlain(url)) return reject('MalformedRequest', { summary: 'The request target is malformed.' });
  return splitTarget(url);
}

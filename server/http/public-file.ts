import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request } from 'express';
import type { ResponseParts } from './send.ts';

const compress = promisify(gzip);

/** The bytes from which on gzip pays: less fits into one packet anyway. */
const minCompressibleBytes = 1_400;

/** The time that caches may use a file without asking: a new version shows after five minutes at the latest. */
const cacheControl = 'public, max-age=300';

/** Whether an `If-None-Match` has the entity tag, by weak comparison (RFC 9110, section 13.1.2). */
function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const known = ifNoneMatch.split(',').map((sent) => sent.trim().replace(/^W\//, ''));
  return known.includes(tag) || ifNoneMatch.trim() === '*';
}

/**
 * Makes the responses to GET and HEAD of a file that stays the same until the process ends. Its entity tag is computed
 * when the first client asks for it. It is compressed once, by gzip and off the event loop, when the first client asks for
 * that: a start would take longer, and a server whose docs are never read keeps no second copy. Brotli would save another
 * tenth.
 */
export function publicFile(mediaType: string, content: string | Buffer): (req: Request) => Promise<ResponseParts> {
  const text = typeof content === 'string' ? Buffer.from(content) : content;
  let hash: string | undefined;
  let compressed: Promise<Buffer> | undefined;
  return async (req) => {
    const isCompressed = text.length >= minCompressibleBytes && req.acceptsEncodings('gzip', 'identity') === 'gzip';
    hash ??= createHash('sha256').update(text).digest('base64url').slice(0, 22);
    // Strong tags differ between encodings (RFC 9110, section 8.8.3.3).
    const tag = isCompressed ? `"${hash}-gzip"` : `"${hash}"`;
    const headers = { 'Cache-Control': cacheControl, ETag: tag, Vary: 'Accept-Encoding' };
    if (isKnown(req.headers['if-none-match'], tag)) return { status: 304, headers };
    if (!isCompressed) return { status: 200, headers, mediaType, text };
    compressed ??= compress(text);
    return { status: 200, headers: { ...headers, 'Content-Encoding': 'gzip' }, mediaType, text: await compressed };
  };
}

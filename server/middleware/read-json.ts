import type { Request, RequestHandler } from 'express';
import { type OperationId, operations } from '../../generated/operations.ts';
import { parseStrictJson } from '../../generated/strict-json.ts';
import { limits } from '../../generated/values.ts';
import { type Refusal, refuse } from '../problem.ts';

const bareType = 'application/json';
/** JSON in UTF-8, however it is spelled. */
const jsonType = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?$/i;
/** The body's own braces are one level around those of metadata. */
const maxDepth = limits.metadata.depth + 1;

/** All of a body; undefined when it has more bytes than `limit`, which are let pass until its end and not kept. */
function readBytes(req: Request, limit: number, take: (bytes: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  req.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
  });
  req.on('end', () => take(length <= limit ? Buffer.concat(chunks, length) : undefined));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** What a body holds, or what is wrong with it. */
function parse(bytes: Buffer): { readonly value: unknown } | Refusal {
  const text = decode(bytes);
  if (text === undefined) return refuse('MalformedRequest', { summary: 'The body is not UTF-8.' });
  const parsed = parseStrictJson(text, maxDepth);
  if ('isMalformed' in parsed) return refuse('MalformedRequest', { summary: 'The body is not JSON.' });
  return 'violations' in parsed ? refuse('ValidationFailed', { validationErrors: parsed.violations }) : parsed;
}

/**
 * Reads a body of strict JSON within the limits of the description into `req.body`, if the operation has one.
 *
 * Takes the content type away where no body is read, and reduces it to its bare form where one is: the validator behind
 * keeps one entry per distinct value for ever.
 */
export const readJson: RequestHandler = (req, res, next) => {
  const operationId: OperationId = res.locals.operationId;
  const { headers } = req;
  const { 'content-type': type, 'content-encoding': encoding = 'identity' } = headers;
  if (operations[operationId].requestMediaTypes.length === 0) {
    // Objects with something deleted are slower ones.
    if (type !== undefined) delete headers['content-type'];
    next();
  } else if (!jsonType.test(type ?? '') || encoding.toLowerCase() !== 'identity') {
    next(refuse('UnsupportedMediaType'));
  } else {
    headers['content-type'] = bareType;
    // A connection that breaks off; nobody hears that answer, but it is logged.
    req.on('error', () => next(refuse('MalformedRequest', { summary: 'The body ended too early.' })));
    readBytes(req, limits.bodyBytes, (bytes) => {
      const parsed = bytes ? parse(bytes) : refuse('ContentTooLarge');
      if ('value' in parsed) req.body = parsed.value;
      next('value' in parsed ? undefined : parsed);
    });
  }
};

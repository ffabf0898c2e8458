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

/**
 * All of a body; undefined when it has more bytes than `limit`, which are let pass until its end and not kept. Rejects
 * with a refusal when the connection breaks off before. Nobody hears that one, but it is logged.
 */
function readBytes(req: Request, limit: number): Promise<Buffer | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const chunks: Buffer[] = [];
  let length = 0;
  const breakOff = () => reject(refuse('MalformedRequest', { summary: 'The body ended too early.' }));
  req.on('error', breakOff);
  req.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
  });
  req.on('end', () => {
    // What breaks after this is no longer the body.
    req.off('error', breakOff);
    resolve(length <= limit ? Buffer.concat(chunks, length) : undefined);
  });
  return promise;
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

/** Reads and parses a body into `req.body`; gives what is wrong with it. */
async function readBody(req: Request): Promise<Refusal | undefined> {
  const bytes = await readBytes(req, limits.bodyBytes);
  const parsed = bytes === undefined ? refuse('ContentTooLarge') : parse(bytes);
  if (!('value' in parsed)) return parsed;
  req.body = parsed.value;
  return undefined;
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
    return;
  }
  if (!jsonType.test(type ?? '') || encoding.toLowerCase() !== 'identity') {
    next(refuse('UnsupportedMediaType'));
    return;
  }
  headers['content-type'] = bareType;
  // Whatever comes next is left to the promise, which keeps the asynchronous context of the request.
  return readBody(req).then(next, next);
};

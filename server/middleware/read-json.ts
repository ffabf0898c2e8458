import { type RequestHandler, raw } from 'express';
import { type OperationId, operations } from '../../generated/operations.ts';
import { parseStrictJson } from '../../generated/strict-json.ts';
import { limits } from '../../generated/values.ts';
import { refuse } from '../problem.ts';

const bareType = 'application/json';
/** JSON in UTF-8, however it is spelled. */
const jsonType = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?$/i;
/** The body's own braces are one level around those of metadata. */
const maxDepth = limits.metadata.depth + 1;

/**
 * Reduces the content type to its bare form, or takes it away where no body is read: the validator behind keeps one
 * entry per distinct value for ever.
 */
const reduceContentType: RequestHandler = (req, res, next) => {
  const operationId: OperationId = res.locals.operationId;
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = req.headers;
  delete req.headers['content-type'];
  if (operations[operationId].requestMediaTypes.length > 0) {
    if (!jsonType.test(type) || encoding.toLowerCase() !== 'identity') {
      next(refuse('UnsupportedMediaType'));
      return;
    }
    req.headers['content-type'] = bareType;
  }
  next();
};

const readBytes = raw({ type: bareType, limit: limits.bodyBytes, inflate: false });

const parse: RequestHandler = (req, _res, next) => {
  if (req.headers['content-type'] !== bareType) {
    next();
    return;
  }
  let text: string;
  try {
    const bytes: Uint8Array = Buffer.isBuffer(req.body) ? req.body : new Uint8Array();
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    next(refuse('MalformedRequest', { summary: 'The body is not UTF-8.' }));
    return;
  }
  const parsed = parseStrictJson(text, maxDepth);
  if ('value' in parsed) req.body = parsed.value;
  if ('isMalformed' in parsed) next(refuse('MalformedRequest', { summary: 'The body is not JSON.' }));
  else next('violations' in parsed ? refuse('ValidationFailed', { validationErrors: parsed.violations }) : undefined);
};

/** Reads a body of strict JSON within the limits of the description into `req.body`. */
export const readJson: RequestHandler[] = [reduceContentType, readBytes, parse];

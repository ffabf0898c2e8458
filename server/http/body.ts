import type { IncomingMessage } from 'node:http';
import { limits, maxBodyDepth } from '../../generated/values.ts';
import { type Rejection, reject } from '../problem.ts';
import { parseJson } from './parse-json.ts';

/** A request whose body a middleware in front of the app may have parsed. */
export type BodyRequest = IncomingMessage & { readonly body?: unknown };

/** The parsed body of a request. */
export interface Body {
  readonly value: unknown;
}

/** JSON in UTF-8, in every spelling of that. */
const jsonType = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?$/i;

/**
 * Reads the whole body. Returns undefined when it has more bytes than `limit`: the rest is read and dropped. Rejects with
 * a rejection when the connection breaks off; the client never sees that one, but the log does.
 */
function readBytes(req: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const { promise, resolve, reject: fail } = Promise.withResolvers<Buffer | undefined>();
  const chunks: Buffer[] = [];
  let length = 0;
  const breakOff = () => fail(reject('MalformedRequest', { summary: 'The body ended too early.' }));
  req.on('error', breakOff);
  req.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
  });
  req.on('end', () => {
    // An error after the end is no longer one of the body.
    req.off('error', breakOff);
    const [first = Buffer.alloc(0)] = chunks;
    resolve(length > limit ? undefined : chunks.length > 1 ? Buffer.concat(chunks, length) : first);
  });
  return promise;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function parseText(text: string): Body | Rejection {
  const parsed = parseJson(text, maxBodyDepth);
  if ('isMalformed' in parsed) return reject('MalformedRequest', { summary: 'The body is not JSON.' });
  return 'violations' in parsed ? reject('ValidationFailed', { validationErrors: parsed.violations }) : parsed;
}

function parseBytes(bytes: Uint8Array): Body | Rejection {
  if (bytes.length > limits.bodyBytes) return reject('ContentTooLarge');
  const text = decode(bytes);
  return text === undefined ? reject('MalformedRequest', { summary: 'The body is not UTF-8.' }) : parseText(text);
}

/**
 * Takes a body that a middleware has read already: parsed JSON, text or bytes. All limits hold for it, but duplicate
 * names and numbers that a double cannot hold are gone by then.
 */
function takeParsed(body: unknown): Body | Rejection {
  if (body instanceof Uint8Array) return parseBytes(body);
  return parseBytes(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
}

/**
 * Reads a body of strict JSON within the limits of the description. Rejects every other one.
 */
export async function readBody(req: BodyRequest): Promise<Body | Rejection> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = req.headers;
  if (!jsonType.test(type) || encoding.toLowerCase() !== 'identity') return reject('UnsupportedMediaType');
  if (req.body !== undefined) return takeParsed(req.body);
  if (req.readableEnded) return parseText('');
  const bytes = await readBytes(req, limits.bodyBytes);
  return bytes === undefined ? reject('ContentTooLarge') : parseBytes(bytes);
}

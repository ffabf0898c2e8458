import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { decodeBody, describeLimit } from './bodies.ts';
import type { ReceivedResponse, SentRequest } from './exchange.ts';

/** Requests that no HTTP client sends: written to a connection byte by byte. */

/** How a request is written. */
export interface WireOptions {
  /** @default '1.1' */
  readonly httpVersion?: '1.0' | '1.1';
  /** Bytes behind the request. @default none */
  readonly trailing?: string;
  /** Value of the Connection header. @default none */
  readonly connection?: string;
  /** Fragment of the request target, `#` included. @default none */
  readonly fragment?: string;
  /** Encoding of the body where it is not UTF-8. */
  readonly bodyEncoding?: 'latin1';
}

/** Returns a request with what an HTTP client would have to be told to send it so. */
export function asSent(request: SentRequest, options: WireOptions): SentRequest {
  const { httpVersion, trailing = '', connection, fragment = '', bodyEncoding } = options;
  const { body = '', headers, url } = request;
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  return {
    ...request,
    url: `${url}${fragment}`,
    ...(bodyEncoding !== undefined && { bodyEncoding }),
    ...(httpVersion !== undefined && { httpVersion }),
    headers: { ...headers, ...(trailing !== '' && length), ...(connection !== undefined && { connection }) },
    ...(trailing !== '' && { body: body + trailing }),
  };
}

/** Limits of a response. */
export interface WireLimits {
  /** Seconds until the whole response has to be there. */
  readonly timeoutSeconds: number;
  /** Size in bytes of a response, headers included, from which it is not read. */
  readonly maxBytes: number;
}

/** Size in bytes up to which a response is looked at with each packet. */
const smallSize = 256 * 1024;

/** First response on a connection. */
export interface WireResponse {
  readonly response: ReceivedResponse;
  /** Whether the body came in chunks, which HTTP/1.0 does not have. */
  readonly isChunked: boolean;
}

const headEnd = '\r\n\r\n';

function toText({ method, url, headers, body = '' }: SentRequest, options: WireOptions): string {
  const { httpVersion = '1.1', trailing = '', connection, fragment = '', bodyEncoding = 'utf8' } = options;
  const { pathname, search, host } = new URL(url);
  const length = Buffer.byteLength(body, bodyEncoding);
  const lines = [
    `${method} ${pathname}${search}${fragment} HTTP/${httpVersion}`,
    `Host: ${host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(length > 0 || method === 'POST' ? [`Content-Length: ${length}`] : []),
    ...(connection === undefined ? [] : [`Connection: ${connection}`]),
  ];
  return `${lines.join('\r\n')}${headEnd}${body}${trailing}`;
}

/** Joins the chunks of a body (RFC 9112, 7.1). Returns undefined where the last one is missing. */
function joinChunks(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const [digits] = /^[\da-f]{1,12}(?=\s*(;|$))/i.exec(bytes.toString('latin1', at, Math.max(at, lineEnd))) ?? [];
    if (digits === undefined) return undefined;
    const size = Number.parseInt(digits, 16);
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}

/** Returns the headers of a response. @throws {Error} for a name or a value that no header may have */
function readHeaders(lines: readonly string[]): Headers {
  try {
    return new Headers(
      lines.map((line): [string, string] => [line.split(':')[0] ?? '', line.replace(/^[^:]*:?/, '').trim()]),
    );
  } catch {
    throw new Error('the response has a header that is not valid');
  }
}

/** Returns the first whole response of the received bytes; undefined where it is not whole yet. */
function readFirst(bytes: Buffer, isEnded: boolean): WireResponse | undefined {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] ([1-5]\d\d)( |$)/.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw new Error('the response is not HTTP');
  const rest = bytes.subarray(end + headEnd.length);
  // An interim response comes before the final one.
  if (status < 200) return readFirst(rest, isEnded);
  const headers = readHeaders(lines);
  const length = headers.get('content-length');
  const isChunked = /chunked/i.test(headers.get('transfer-encoding') ?? '');
  const whole = length !== null && rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
  const body = isChunked ? joinChunks(rest) : (whole ?? (isEnded ? rest : undefined));
  return body && { isChunked, response: { status, headers, ...decodeBody(body) } };
}

/**
 * Writes a request to a connection of its own. Returns the first response.
 *
 * @throws {Error} where the connection ends without a whole response, none comes in time, or it is too large
 */
export function sendOnWire(request: SentRequest, options: WireOptions, limits: WireLimits): Promise<WireResponse> {
  const { timeoutSeconds, maxBytes } = limits;
  const { protocol, hostname, port } = new URL(request.url);
  const isTls = protocol === 'https:';
  const address = { host: hostname.replaceAll(/^\[|\]$/g, ''), port: Number(port) || (isTls ? 443 : 80) };
  const socket = isTls ? connectTls({ ...address, servername: hostname }) : connectTcp(address);
  let timer: NodeJS.Timeout;
  return new Promise<WireResponse>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let [size, nextSize] = [0, 0];
    const read = (isEnded: boolean) => {
      try {
        const first = readFirst(Buffer.concat(chunks), isEnded);
        if (first !== undefined) resolve(first);
        else if (isEnded) reject(new Error('the connection ended without a whole response'));
      } catch (error) {
        reject(error);
      }
    };
    timer = setTimeout(() => {
      // The last bytes may have been too few to look at.
      read(false);
      reject(new DOMException('The response took too long.', 'TimeoutError'));
    }, timeoutSeconds * 1_000);
    socket.once('error', reject);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) reject(new Error(describeLimit(maxBytes)));
      // A large response is looked at each time it has grown by a half, because looking takes as long as it is large.
      if (size < nextSize) return;
      read(false);
      nextSize = size > smallSize ? size * 1.5 : 0;
    });
    socket.once('close', () => read(true));
    socket.write(toText(request, options), options.bodyEncoding ?? 'utf8');
  }).finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ReceivedResponse, SentRequest } from './exchange.ts';
import { decodeBody } from './http-client.ts';

/** Requests that no HTTP client sends: written to a connection byte by byte. */

/** How a request is written. */
export interface WireOptions {
  /** @default '1.1' */
  readonly httpVersion?: '1.0' | '1.1';
  /** Bytes behind the request. @default none */
  readonly trailing?: string;
  /** Value of the Connection header. @default none */
  readonly connection?: string;
}

/** Returns a request with what an HTTP client would have to be told to send it so. */
export function asSent(request: SentRequest, { httpVersion, trailing = '', connection }: WireOptions): SentRequest {
  const { body = '', headers } = request;
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  return {
    ...request,
    ...(httpVersion !== undefined && { httpVersion }),
    headers: { ...headers, ...(trailing !== '' && length), ...(connection !== undefined && { connection }) },
    ...(trailing !== '' && { body: body + trailing }),
  };
}

/** First response on a connection. */
export interface WireResponse {
  readonly response: ReceivedResponse;
  /** Whether the body came in chunks, which HTTP/1.0 does not have. */
  readonly isChunked: boolean;
}

const headEnd = '\r\n\r\n';

function toText({ method, url, headers, body = '' }: SentRequest, options: WireOptions): string {
  const { httpVersion = '1.1', trailing = '', connection } = options;
  const { pathname, search, host } = new URL(url);
  const length = Buffer.byteLength(body);
  const lines = [
    `${method} ${pathname}${search} HTTP/${httpVersion}`,
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
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}

/** Returns the first whole response of the received bytes; undefined where it is not whole yet. */
function readFirst(bytes: Buffer, isEnded: boolean): WireResponse | undefined {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = new Headers();
  for (const line of lines) {
    const [name = '', ...value] = line.split(':');
    headers.append(name, value.join(':').trim());
  }
  const rest = bytes.subarray(end + headEnd.length);
  const status = Number(statusLine.split(' ')[1]);
  const length = headers.get('content-length');
  const isChunked = /chunked/i.test(headers.get('transfer-encoding') ?? '');
  const whole = length !== null && rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
  const body = isChunked ? joinChunks(rest) : (whole ?? (isEnded ? rest : undefined));
  return body && { isChunked, response: { status, headers, ...decodeBody(body) } };
}

/**
 * Writes a request to a connection of its own. Returns the first response.
 *
 * @throws {Error} where the connection ends without a whole response, or none comes in time
 */
export function sendOnWire(request: SentRequest, options: WireOptions, timeoutSeconds: number): Promise<WireResponse> {
  const { protocol, hostname, port } = new URL(request.url);
  const isTls = protocol === 'https:';
  const address = { host: hostname.replaceAll(/^\[|\]$/g, ''), port: Number(port) || (isTls ? 443 : 80) };
  const socket = isTls ? connectTls({ ...address, servername: hostname }) : connectTcp(address);
  return new Promise<WireResponse>((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const read = (isEnded: boolean) => {
      const first = readFirst(bytes, isEnded);
      if (first !== undefined) resolve(first);
      else if (isEnded) reject(new Error('the connection ended without a whole response'));
    };
    socket.setTimeout(timeoutSeconds * 1_000, () => reject(new Error('timeout')));
    socket.once('error', reject);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      read(false);
    });
    socket.once('close', () => read(true));
    socket.write(toText(request, options));
  }).finally(() => socket.destroy());
}

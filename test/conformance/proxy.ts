import { createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { decodeBody } from './bodies.ts';
import type { RecordedExchange } from './passive.ts';
import type { TlsOptions } from './tls-fetch.ts';

/** Proxy in front of an implementation: it forwards requests and responses unchanged, and hands out copies of them. */

/**
 * Options of the proxy.
 *
 * @example
 * const options: ProxyOptions = { upstream: baseUrl, onExchange: () => {} };
 * const { close } = await startProxy(options);
 * await close();
 */
export interface ProxyOptions extends TlsOptions {
  /** Base URL of the implementation. */
  readonly upstream: string;
  /** Port on 127.0.0.1; 0 takes any free one. @default 0 */
  readonly port?: number;
  /** Called with each exchange; with undefined for one whose body is longer than 8 MiB. */
  readonly onExchange: (exchange: RecordedExchange | undefined) => void;
}

const maxBodyBytes = 8 * 1024 * 1024;
const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gunzipSync(bytes, { maxOutputLength: maxBodyBytes }),
  br: (bytes) => brotliDecompressSync(bytes, { maxOutputLength: maxBodyBytes }),
  deflate: (bytes) => inflateSync(bytes, { maxOutputLength: maxBodyBytes }),
};

/** Copies what passes, up to a limit. `read` returns undefined beyond it. */
function createCopy() {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add(chunk: Buffer) {
      size += chunk.length;
      if (size <= maxBodyBytes) chunks.push(chunk);
      else chunks.length = 0;
    },
    read: () => (size <= maxBodyBytes ? Buffer.concat(chunks) : undefined),
  };
}

function decode(bytes: Buffer, encoding = ''): Buffer | undefined {
  try {
    return encoding === '' || encoding === 'identity' ? bytes : decoders[encoding]?.(bytes);
  } catch {
    return undefined;
  }
}

function toHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  return headers;
}

/**
 * Starts the proxy on 127.0.0.1. `close` ends it, with the connections that are open.
 *
 * @example
 * const { url, close } = await startProxy({ upstream: baseUrl, onExchange: (exchange) => console.log(exchange?.response.status) });
 * await (await fetch(`${url}/v1/oauth-apps`)).text(); // prints 401
 * await close();
 */
export async function startProxy({ upstream, port = 0, onExchange, ca, isInsecure = false }: ProxyOptions) {
  const base = new URL(upstream);
  const send = base.protocol === 'https:' ? requestHttps : requestHttp;
  const tls = base.protocol === 'https:' ? { rejectUnauthorized: !isInsecure, ...(ca !== undefined && { ca }) } : {};

  const forward = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const [sent, received] = [createCopy(), createCopy()];
    const url = new URL(`${base.pathname.replace(/\/+$/, '')}${incoming.url ?? '/'}`, base);
    const headers = { ...incoming.headers, host: base.host };
    const fail = () => {
      if (!outgoing.headersSent) outgoing.writeHead(502, { 'Content-Type': 'text/plain' });
      outgoing.end('The implementation behind the proxy does not respond.\n');
    };
    const forwarded = send(url, { method: incoming.method, headers, ...tls }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.rawHeaders);
      response.on('data', (chunk: Buffer) => received.add(chunk));
      response.once('error', () => outgoing.destroy());
      response.once('end', () => onExchange(toExchange(incoming, url, sent.read(), response, received.read())));
      response.pipe(outgoing);
    });
    forwarded.once('error', fail);
    outgoing.once('close', () => outgoing.writableFinished || forwarded.destroy());
    incoming.on('data', (chunk: Buffer) => sent.add(chunk));
    incoming.pipe(forwarded);
  };

  const server = createServer(forward).listen(port, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function toExchange(
  incoming: IncomingMessage,
  url: URL,
  sent: Buffer | undefined,
  response: IncomingMessage,
  received: Buffer | undefined,
): RecordedExchange | undefined {
  const body = received && decode(received, response.headers['content-encoding']);
  if (sent === undefined || body === undefined) return undefined;
  const { method = 'GET' } = incoming;
  const headers = Object.fromEntries(toHeaders(incoming));
  const request = { method, url: url.href, headers, ...(sent.length > 0 && { body: sent.toString() }) };
  return { request, response: { status: response.statusCode ?? 0, headers: toHeaders(response), ...decodeBody(body) } };
}

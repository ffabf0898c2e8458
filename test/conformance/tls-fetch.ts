import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';

/**
 * Certificates that a connection accepts.
 *
 * @example
 * const options: TlsOptions = { isInsecure: true };
 * const suite = createSuite({ baseUrl, token, fetch: createTlsFetch(options) });
 */
export interface TlsOptions {
  /** Certificates of authorities in PEM, in addition to none of the known ones. @default the known authorities */
  readonly ca?: string;
  /** Whether any certificate is accepted. @default false */
  readonly isInsecure?: boolean;
}

const withoutBody: readonly number[] = [204, 205, 304];

function toResponse(message: IncomingMessage, isHead: boolean): Response {
  const headers = new Headers();
  for (let at = 0; at < message.rawHeaders.length; at += 2) {
    headers.append(message.rawHeaders[at] ?? '', message.rawHeaders[at + 1] ?? '');
  }
  const status = message.statusCode ?? 0;
  if (isHead || withoutBody.includes(status)) {
    message.resume();
    return new Response(null, { status, headers });
  }
  return new Response(Readable.toWeb(message) as ReadableStream<Uint8Array>, { status, headers });
}

/**
 * Creates a `fetch` that accepts other certificates than the global one. It follows no redirect.
 *
 * @example createSuite({ baseUrl, token, fetch: createTlsFetch({ isInsecure: true }) });
 */
export function createTlsFetch({ ca, isInsecure = false }: TlsOptions): (request: Request) => Promise<Response> {
  const tls = { keepAlive: true, rejectUnauthorized: !isInsecure, ...(ca !== undefined && { ca }) };
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent(tls) };

  return async (request) => {
    const { url, method, signal } = request;
    const body = Buffer.from(await request.arrayBuffer());
    const isHttps = url.startsWith('https:');
    const headers = {
      ...Object.fromEntries(request.headers),
      ...(body.length > 0 && { 'content-length': body.length }),
    };
    return new Promise((resolve, reject) => {
      const options = { method, headers, signal, agent: isHttps ? agents.https : agents.http };
      const sent = isHttps ? requestHttps(url, options) : requestHttp(url, options);
      sent.once('response', (message) => resolve(toResponse(message, method === 'HEAD')));
      sent.once('error', reject);
      sent.end(body);
    });
  };
}

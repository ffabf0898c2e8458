import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';

/** Requests to an app without a connection: they cost a fraction of the processor time. */

/** Request as an app receives it. */
export interface PlainRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Headers;
  readonly text: string;
}

/** Response as an app sends it. */
export interface PlainResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Server whose app takes requests. */
export interface App {
  readonly app: RequestListener;
}

/** Stands for the connection of every request. Nothing is written to it. */
const socket = new Socket();

function toMessage({ method, target, headers, text }: PlainRequest): IncomingMessage {
  const message = new IncomingMessage(socket);
  const length = Buffer.byteLength(text);
  const all = new Headers(headers);
  all.set('host', '127.0.0.1');
  // Node's client sends a length where a method may have a body.
  if (length > 0 || !['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method)) all.set('content-length', String(length));
  const pairs = [...all];
  Object.assign(message, { method, url: target, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 });
  Object.assign(message, { headers: Object.fromEntries(pairs), rawHeaders: pairs.flat(), complete: true });
  if (length > 0) message.push(text);
  message.push(null);
  return message;
}

const headEnd = '\r\n\r\n';

function toResponse(bytes: Buffer): PlainResponse {
  const end = bytes.indexOf(headEnd);
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = new Headers();
  for (const line of lines) {
    const at = line.indexOf(':');
    headers.append(line.slice(0, at), line.slice(at + 1));
  }
  return { status: Number(statusLine.slice(9, 12)), headers, text: bytes.toString('utf8', end + headEnd.length) };
}

/** Passes a request to an app. Resolves with its response, which has no more than a head and a body. */
export function requestApp(app: RequestListener, request: PlainRequest): Promise<PlainResponse> {
  const message = toMessage(request);
  const response = new ServerResponse(message);
  response.useChunkedEncodingByDefault = false;
  const chunks: Buffer[] = [];
  const connection = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return new Promise((resolve) => {
    response.assignSocket(connection as Socket);
    response.once('finish', () => {
      // Node's server does this.
      response.emit('close');
      resolve(toResponse(Buffer.concat(chunks)));
    });
    app(message, response);
  });
}

/** Returns whether a response with this status has no body (RFC 9110, 6.4.1). */
const isEmpty = (method: string, status: number) => method === 'HEAD' || [204, 205, 304].includes(status);

/** Creates a `fetch` whose requests reach the app of a server without a connection. */
export const directFetch =
  ({ app }: App) =>
  async (request: Request): Promise<Response> => {
    const { method, headers } = request;
    const { pathname, search } = new URL(request.url);
    const target = `${pathname}${search}`;
    const response = await requestApp(app, { method, target, headers, text: await request.text() });
    return new Response(isEmpty(method, response.status) ? null : response.text, response);
  };

/** Connections that are written by hand, and listeners that count what they start. */
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerOptions, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer, text as readText } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { trackConnections } from '../../server/http/connections.ts';
import { type ListenOptions, listen } from '../../server/http/listen.ts';

/** Listens as the server does, with a listener of the test. */
export async function startListener(listener: RequestListener, options: Partial<ListenOptions> = {}) {
  const { url, stop } = await listen(listener, { host: '127.0.0.1', port: 0, ...options });
  onTestFinished(stop);
  return { port: Number(new URL(url).port), stop };
}

/** Opens a connection and sends bytes. Reads nothing. */
export function send(port: number, bytes: string | Buffer): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {}).write(bytes);
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Waits for five requests on connections of their own. The server has read everything that was sent before. */
export async function letTimePass(port: number): Promise<void> {
  for (let round = 0; round < 5; round += 1) await readText(send(port, get('/probe', 'Connection: close')));
}

/** Renders a GET request. */
export const get = (path: string, ...headers: string[]) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;
/** Lists the paths of a `pipeline`: `/0`, `/1` and so on. */
export const paths = (count: number) => Array.from({ length: count }, (_, index) => `/${index}`);
/** Renders as many GET requests in a row. */
export const pipeline = (count: number) =>
  paths(count)
    .map((path) => get(path))
    .join('');

/** Makes a listener whose responses, but for that to `/probe`, wait for `release`. It counts the requests that it starts. */
export function createGate(respond: (res: ServerResponse, path: string) => void = (res, path) => res.end(path)) {
  const started: string[] = [];
  const sockets: Socket[] = [];
  const waiting: (() => void)[] = [];
  let [isOpen, peak] = [false, 0];
  const listener: RequestListener = ({ url = '', socket }, res) => {
    if (url === '/probe') return void res.end();
    started.push(url);
    sockets.push(socket);
    peak = Math.max(
      peak,
      waiting.push(() => respond(res, url)),
    );
    if (isOpen) waiting.shift()?.();
  };
  const release = () => {
    isOpen = true;
    for (const next of waiting.splice(0)) next();
  };
  return { listener, started, sockets, release, peak: () => peak };
}

/** Reads responses from a connection until there are `count` or it ends. Destroys it. */
export async function readResponses(socket: Socket, count = Number.POSITIVE_INFINITY) {
  const responses: { status: number; head: string; body: string }[] = [];
  const chunks: string[] = [];
  let [length, needed] = [0, 1];
  for await (const chunk of socket.setEncoding('latin1')) {
    chunks.push(chunk);
    length += chunk.length;
    if (length < needed) continue;
    let received = chunks.splice(0).join('');
    for (needed = 1; ; ) {
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) break;
      const head = received.slice(0, end);
      needed = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (received.length < needed) break;
      responses.push({ status: Number(head.slice(9, 12)), head, body: received.slice(end + 4, needed) });
      received = received.slice(needed);
      needed = 1;
    }
    if (responses.length >= count) break;
    chunks.push(received);
    length = received.length;
  }
  return responses;
}

/** Lists the bodies of responses. */
export const bodies = (responses: readonly { body: string }[]) => responses.map(({ body }) => body);

/** Starts an HTTP server with the connections of the server, and counts the requests that Node has parsed. */
export async function startWatched(listener: RequestListener, options: ServerOptions = {}) {
  const server = createServer(options);
  const { destroy } = trackConnections(server, listener);
  onTestFinished(() => void server.close());
  onTestFinished(destroy);
  let parsed = 0;
  server.on('request', () => {
    parsed += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, parsed: () => parsed };
}

/** Responds with the method, the path and the length of the body, once it has been read. */
export const echo: RequestListener = async (req, res) => {
  const body = await buffer(req).catch(() => undefined);
  res.end(`${req.method} ${req.url} ${body?.length}`);
};

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { example } from './examples.ts';

/** What a server, or something on the way to it, can do to a request. */
export const faults = [
  'none',
  'reset',
  'unavailable',
  'unavailable, try at once',
  'commit and drop',
  'commit and never answer',
  'commit and answer in HTML',
  'commit and fail',
  'fail',
  'redirect',
] as const;
export type Fault = (typeof faults)[number];

const unavailable = { 'Content-Type': 'application/problem+json' };

async function listen(handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>) {
  const server = createServer((req, res) => {
    // A client that has gone is part of the game.
    handle(req, res).catch(() => res.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

/**
 * A server that keeps what it is sent, once per `Idempotency-Key`, and does to each request what `chooseFault` says.
 * Redirects lead to an origin of their own. Dispose of it with `await using`.
 */
export async function startUnreliableServer(chooseFault: (attempt: number) => Fault) {
  const strays: string[] = [];
  const requests: { method: string; body: string }[] = [];
  const rows: { name: string }[] = [];
  const keys = new Set<string>();

  const other = await listen(async (req, res) => {
    strays.push(`${req.headers.authorization ?? ''} ${await text(req)}`);
    res.end('{}');
  });

  const commit = ({ method, headers }: IncomingMessage, body: string) => {
    const key = headers['idempotency-key'];
    if (method !== 'POST' || (typeof key === 'string' && keys.has(key))) return;
    if (typeof key === 'string') keys.add(key);
    rows.push(JSON.parse(body));
  };

  const server = await listen(async (req, res) => {
    const body = await text(req);
    const { method = '' } = req;
    requests.push({ method, body });
    const fault = chooseFault(requests.length);
    if (fault === 'none' || fault.startsWith('commit')) commit(req, body);
    if (fault === 'commit and never answer') return;
    if (fault === 'reset' || fault === 'commit and drop') res.destroy();
    else if (fault === 'unavailable') res.writeHead(503, unavailable).end();
    else if (fault === 'unavailable, try at once') res.writeHead(503, { ...unavailable, 'Retry-After': '0' }).end();
    else if (fault === 'commit and answer in HTML') {
      res.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Sign in</h1>');
    } else if (fault.endsWith('fail')) res.writeHead(500).end();
    else if (fault === 'redirect') res.writeHead(307, { Location: other.url + req.url }).end();
    else res.setHeader('Content-Type', 'application/json').end(JSON.stringify(example('OAuthApp')));
  });

  return {
    url: server.url,
    /** Every request, in order. */
    requests,
    /** What was created. */
    rows,
    /** What arrived at the origin that redirects lead to: credentials and body. */
    strays,
    async [Symbol.asyncDispose]() {
      await Promise.all([server.stop(), other.stop()]);
    },
  };
}

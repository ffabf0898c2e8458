import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { example } from '../helpers/examples.ts';

/** Faults of a server, or of a proxy in front of it. */
export const faults = [
  'none',
  'reset',
  'unavailable',
  'unavailable, retry at once',
  'commit and drop',
  'commit and never respond',
  'commit and respond in HTML',
  'commit and fail',
  'fail',
  'redirect',
] as const;
export type Fault = (typeof faults)[number];

const unavailable = { 'Content-Type': 'application/problem+json' };

async function listen(handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>) {
  const server = createServer((req, res) => {
    // A client that disconnects is an expected case.
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
 * Starts a server that stores each created app once per `Idempotency-Key`, and applies the fault that `chooseFault`
 * returns for each request. Redirects lead to a second origin. Dispose of it with `await using`.
 *
 * @param chooseFault - Gets the number of the request, from 1.
 */
export async function startUnreliableServer(chooseFault: (requestNumber: number) => Fault) {
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
    if (fault === 'commit and never respond') return;
    if (fault === 'reset' || fault === 'commit and drop') res.destroy();
    else if (fault === 'unavailable') res.writeHead(503, unavailable).end();
    else if (fault === 'unavailable, retry at once') res.writeHead(503, { ...unavailable, 'Retry-After': '0' }).end();
    else if (fault === 'commit and respond in HTML') {
      res.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Sign in</h1>');
    } else if (fault.endsWith('fail')) res.writeHead(500).end();
    else if (fault === 'redirect') res.writeHead(307, { Location: other.url + req.url }).end();
    else res.setHeader('Content-Type', 'application/json').end(JSON.stringify(example('OAuthApp')));
  });

  return {
    url: server.url,
    /** Requests in order. */
    requests,
    /** Created apps. */
    rows,
    /** Credentials and body of each request to the second origin. */
    strays,
    async [Symbol.asyncDispose]() {
      await Promise.all([server.stop(), other.stop()]);
    },
  };
}

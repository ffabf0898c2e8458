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
  'commit and time out at the gateway',
  'commit and ask to retry',
  'commit and limit the rate',
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

/** The extensions that a server supports beyond Sequin's pages. */
export interface Support {
  /** Whether it stores each app once per `Idempotency-Key`. */
  readonly keys?: boolean;
  /** The entity tags that it sends and compares. */
  readonly etags?: 'strong' | 'weak' | 'none';
}

/** Options of an unreliable server. */
export interface UnreliableOptions extends Support {
  /** Called for each request that gets no response and keeps its connection. */
  readonly onSilence?: () => void;
}

type Row = { readonly id: string; name: string; version: number };

/** Creates the rows of a server, with the requests that change them. */
function createRows({ keys = true, etags = 'strong' }: Support) {
  const rows = new Map<string, Row>();
  const idByKey = new Map<unknown, string>();
  const tagOf = ({ version }: Row) => ({ strong: `"${version}"`, weak: `W/"${version}"`, none: undefined })[etags];

  const create = (key: unknown, { name }: { name: string }): Row => {
    const known = keys && key !== undefined ? rows.get(idByKey.get(key) ?? '') : undefined;
    const row = known ?? { id: `app-${rows.size}`, name, version: 1 };
    rows.set(row.id, row);
    if (key !== undefined) idByKey.set(key, row.id);
    return row;
  };
  /** Applies a request. Returns its status and the app. */
  const apply = ({ method, url = '', headers }: IncomingMessage, body: string): { status: number; row?: Row } => {
    if (method === 'POST') return { status: 200, row: create(headers['idempotency-key'], JSON.parse(body)) };
    const row = rows.get(url.split('/')[3] ?? '');
    if (method === 'GET' || !row) return { status: row || url === '/v1/oauth-apps' ? 200 : 404, row };
    const condition = headers['if-match'];
    if (etags !== 'none' && condition !== undefined && condition !== tagOf(row)) return { status: 412 };
    if (method === 'DELETE') rows.delete(row.id);
    else Object.assign(row, JSON.parse(body), { version: row.version + 1 });
    return { status: 200, row };
  };
  return { rows, create, apply, tagOf };
}

/** Sends the response of a request whose response is not lost. */
function respond(res: ServerResponse, fault: Fault, elsewhere: string): void {
  if (fault === 'reset' || fault === 'commit and drop') res.destroy();
  else if (fault === 'unavailable') res.writeHead(503, unavailable).end();
  else if (fault === 'commit and time out at the gateway') res.writeHead(504).end();
  else if (fault === 'commit and limit the rate') res.writeHead(429, { ...unavailable, 'Retry-After': '0' }).end();
  else if (fault.endsWith('at once') || fault.endsWith('to retry')) {
    res.writeHead(503, { ...unavailable, 'Retry-After': '0' }).end();
  } else if (fault === 'commit and respond in HTML') {
    res.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Sign in</h1>');
  } else if (fault.endsWith('fail')) res.writeHead(500).end();
  else res.writeHead(307, { Location: elsewhere }).end();
}

/**
 * Starts a server that applies the fault that `chooseFault` returns for each request. Redirects lead to a second origin.
 * Dispose of it with `await using`.
 *
 * @param chooseFault - Gets the number of the request, from 1.
 */
export async function startUnreliableServer(
  chooseFault: (requestNumber: number) => Fault,
  { onSilence, ...support }: UnreliableOptions = {},
) {
  const strays: string[] = [];
  const requests: { method: string; body: string }[] = [];
  const { rows, create, apply, tagOf } = createRows(support);

  const other = await listen(async (req, res) => {
    strays.push(`${req.headers.authorization ?? ''} ${await text(req)}`);
    res.end('{}');
  });

  const server = await listen(async (req, res) => {
    const body = await text(req);
    requests.push({ method: req.method ?? '', body });
    const fault = chooseFault(requests.length);
    const isApplied = fault === 'none' || fault.startsWith('commit');
    const { status, row } = isApplied ? apply(req, body) : { status: 0 };
    if (fault === 'commit and never respond') return onSilence?.();
    if (fault !== 'none') return respond(res, fault, other.url + req.url);
    const tag = row && tagOf(row);
    res.writeHead(status, { 'Content-Type': 'application/json', ...(tag !== undefined && { ETag: tag }) });
    res.end(JSON.stringify(status === 200 ? { ...example('OAuthApp'), ...row } : { summary: 'No.' }));
  });

  return {
    url: server.url,
    /** Requests in order. */
    requests,
    /** Stores an app. */
    create: (name: string) => create(undefined, { name }),
    /** Stored apps. */
    get rows(): readonly Row[] {
      return [...rows.values()];
    },
    /** Credentials and body of each request to the second origin. */
    strays,
    async [Symbol.asyncDispose]() {
      await Promise.all([server.stop(), other.stop()]);
    },
  };
}

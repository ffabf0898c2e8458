// @databases none
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer, text as readText } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { trackConnections } from '../../server/http/connections.ts';
import { type ListenOptions, listen } from '../../server/http/listen.ts';
import { MessageSlices } from '../../server/http/message-slices.ts';
import { openStore } from '../../server/store/open-store.ts';
import { run } from '../helpers/process.ts';
import { startServer } from '../helpers/server.ts';
import { createDeployment } from '../helpers/server-process.ts';

/** Starts a listener behind the server's own connections. Returns its port. */
async function startListener(listener: RequestListener, options: Partial<ListenOptions> = {}) {
  const { url, stop } = await listen(listener, { host: '127.0.0.1', port: 0, ...options });
  onTestFinished(stop);
  return { port: Number(new URL(url).port), stop };
}

/** Opens a connection and sends bytes, without reading anything. */
function send(port: number, bytes: string | Buffer): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {}).write(bytes);
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Lets the event loop of the server, which is this one, go round by requests on connections of their own. */
async function letTimePass(port: number): Promise<void> {
  for (let round = 0; round < 5; round += 1) await readText(send(port, get('/probe', 'Connection: close')));
}

const get = (path: string, ...headers: string[]) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;
const paths = (count: number) => Array.from({ length: count }, (_, index) => `/${index}`);
const pipeline = (count: number) =>
  paths(count)
    .map((path) => get(path))
    .join('');

/** A listener whose responses wait for `release`, but for `/probe`. It counts what it has started. */
function createGate(respond: (res: ServerResponse, path: string) => void = (res, path) => res.end(path)) {
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

/** Reads responses off a connection until there are `count` or it ends, and destroys it. */
async function readResponses(socket: Socket, count = Number.POSITIVE_INFINITY) {
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

const bodies = (responses: readonly { body: string }[]) => responses.map(({ body }) => body);

describe('a connection', () => {
  test('has one request in work at a time', async () => {
    const gate = createGate();
    const { port } = await startListener(gate.listener);
    const socket = send(port, pipeline(120));
    await letTimePass(port);
    expect(gate.started).toEqual(['/0']);
    gate.release();
    expect(bodies(await readResponses(socket, 120))).toEqual(paths(120));
    expect(gate.started).toEqual(paths(120));
    expect(gate.peak()).toBe(1);
  });

  test('has one request at a time in the store', async () => {
    const store = await openStore('sqlite::memory:');
    onTestFinished(() => store.close());
    let [inWork, peak, finds] = [0, 0, 0];
    const findToken: typeof store.findToken = async (hash) => {
      finds += 1;
      inWork += 1;
      peak = Math.max(peak, inWork);
      await letTimePass(port);
      inWork -= 1;
      return store.findToken(hash);
    };
    await using server = await startServer({ store: { ...store, findToken } });
    const { port } = await startListener((req, res) => (req.url === '/probe' ? res.end() : server.app(req, res)));
    const list = get('/v1/oauth-apps', `Authorization: Bearer ${server.token}`);
    const responses = await readResponses(send(port, list.repeat(20)), 20);
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect({ peak, finds }).toEqual({ peak: 1, finds: 20 });
  });

  test('starts no request before the system has the response', async () => {
    const text = 'x'.repeat(8 * 2 ** 20);
    const gate = createGate((res) => res.end(text));
    const { port } = await startListener(gate.listener);
    gate.release();
    const socket = send(port, pipeline(8));
    await letTimePass(port);
    // The buffers of the system hold a few megabytes.
    expect(gate.started.length).toBeLessThan(4);
    expect(bodies(await readResponses(socket, 8)).map(({ length }) => length)).toEqual(Array(8).fill(text.length));
    expect(gate.started).toEqual(paths(8));
  });

  test('is not read while requests wait', async () => {
    const gate = createGate();
    const { port } = await startListener(gate.listener);
    send(port, pipeline(200_000));
    await letTimePass(port);
    expect(gate.started).toEqual(['/0']);
    expect(gate.sockets[0]?.bytesRead).toBeLessThan(300_000);
    gate.release();
  });

  test.each([
    ['parsed', [pipeline(120)]],
    ['unparsed', [pipeline(2), pipeline(120)]],
  ])('starts no %s request of a client that has left', async (_name, writes) => {
    const gate = createGate();
    const { port } = await startListener(gate.listener);
    const [first = '', ...others] = writes;
    const socket = send(port, first);
    await letTimePass(port);
    for (const bytes of others) socket.write(bytes);
    await letTimePass(port);
    socket.destroy();
    await once(gate.sockets[0] as Socket, 'close');
    gate.release();
    await letTimePass(port);
    expect(gate.started).toEqual(['/0']);
  });

  test('lets others go between its requests', async () => {
    const order: string[] = [];
    const { port } = await startListener(({ url = '' }, res) => {
      order.push(url);
      res.end();
    });
    const greedy = send(port, pipeline(1_000));
    await once(greedy, 'connect');
    await readText(send(port, get('/other', 'Connection: close')));
    expect(order.indexOf('/other')).toBeLessThan(100);
    await readResponses(greedy, 1_000);
  });

  test('that the first response closes starts no other request', async () => {
    const gate = createGate();
    const { port } = await startListener(gate.listener);
    gate.release();
    for (const first of [get('/close', 'Connection: close'), 'GET /old HTTP/1.0\r\n\r\n']) {
      expect(await readResponses(send(port, first + pipeline(3)))).toHaveLength(1);
    }
    expect(gate.started).toEqual(['/close', '/old']);
  });
});

test('many connections together let few parsed requests wait', async () => {
  const gate = createGate();
  let parsed = 0;
  const server = createServer();
  const connections = trackConnections(server, gate.listener);
  server.on('request', () => {
    parsed += 1;
  });
  onTestFinished(() => void server.close());
  onTestFinished(connections.destroy);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (let index = 0; index < 50; index += 1) send(port, pipeline(3_000));
  while (gate.started.length < 50) await letTimePass(port);
  console.log(`pipelining: ${parsed} of 150000 requests parsed while 50 are in work`);
  expect(parsed).toBeLessThan(6_000);
});

/** A request, and the response that `echo` gives to it. */
interface Message {
  readonly bytes: Buffer;
  readonly response: string;
}

/** Responds with the method, the path and the length of the body, once it has been read. */
const echo: RequestListener = async (req: IncomingMessage, res) => {
  const body = await buffer(req).catch(() => undefined);
  res.end(`${req.method} ${req.url} ${body?.length}`);
};
const echoHead: RequestListener = ({ method, url }, res) => void res.end(`${method} ${url}`);

const bodyBytes = fc.constantFrom(0, 1, 300, 70_000, 140_000).map((length) => {
  // It looks like the end of a head, and like requests.
  return Buffer.from('\r\n\r\nGET /body HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(length / 36 + 1)).subarray(0, length);
});
const withLength = (body: Buffer, ...headers: string[]) => {
  const lines = ['POST /length HTTP/1.1', 'Host: x', ...headers, `Content-Length: ${body.length}`, '', ''];
  return { bytes: Buffer.concat([Buffer.from(lines.join('\r\n')), body]), response: `POST /length ${body.length}` };
};
const inChunks = (body: Buffer) => {
  const chunks = body.length === 0 ? [] : [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')];
  const head = 'PUT /chunks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
  const bytes = Buffer.concat([Buffer.from(head), ...chunks, Buffer.from('0\r\nX-Trailer: x\r\n\r\n')]);
  return { bytes, response: `PUT /chunks ${body.length}` };
};
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.constant({ bytes: Buffer.from(get('/get')), response: 'GET /get 0' }),
  fc.constant({ bytes: Buffer.from(`\r\n${get('/blank')}`), response: 'GET /blank 0' }),
  fc.constant({ bytes: Buffer.from('OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n'), response: 'OPTIONS * 0' }),
  bodyBytes.map((body) => withLength(body)),
  bodyBytes.map(inChunks),
);
/** Messages, and the lengths of the pieces that their bytes are sent in. */
const exchange = fc.record({
  messages: fc.array(message, { minLength: 1, maxLength: 12 }),
  pieces: fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1, maxLength: 10 }),
  isTiny: fc.boolean(),
});

function* cut(bytes: Buffer, pieces: readonly number[], isTiny: boolean) {
  for (let [at, index] = [0, 0]; at < bytes.length; index += 1) {
    const piece = pieces[index % pieces.length] ?? 1;
    const length = isTiny && bytes.length < 2_000 ? 1 + (piece % 5) : piece;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

describe('pipelined requests with bodies', () => {
  test.each([
    ['that are read', echo, / .*/],
    ['that are not read', echoHead, / [^ ]*/],
  ] as const)('%s get their responses in order', async (_name, listener, shown) => {
    const { port } = await startListener(listener);
    const property = fc.asyncProperty(exchange, async ({ messages, pieces, isTiny }) => {
      const socket = send(port, '').setNoDelay();
      const received = readResponses(socket, messages.length);
      for (const piece of cut(Buffer.concat(messages.map(({ bytes }) => bytes)), pieces, isTiny)) {
        await new Promise((resolve) => socket.write(piece, resolve));
      }
      const expected = messages.map(({ response }) => shown.exec(response)?.[0]);
      expect(bodies(await received).map((body) => shown.exec(body)?.[0])).toEqual(expected);
    });
    await fc.assert(property, { seed: 20261127, numRuns: 150 });
  });

  test('are read after 100 Continue, each in its place', async () => {
    const { port } = await startListener(echo);
    const { bytes } = withLength(Buffer.from('12345'), 'Expect: 100-continue');
    const socket = send(port, Buffer.concat([Buffer.from(get('/first')), bytes.subarray(0, -5)]));
    const [first, interim] = await readResponses(socket, 2);
    expect([first?.body, interim?.status]).toEqual(['GET /first 0', 100]);
  });
});

describe('malformed requests', () => {
  test.each([
    ['garbage', 'garbage\r\n\r\n'],
    ['a second Content-Length', 'POST /odd HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
    ['a broken chunk', 'POST /odd HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n'],
  ])('%s gets its 400 behind the responses before it', async (_name, bytes) => {
    const gate = createGate();
    const { port } = await startListener(gate.listener);
    const socket = send(port, pipeline(3) + bytes + pipeline(3));
    await letTimePass(port);
    gate.release();
    const responses = await readResponses(socket);
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 400]);
    expect(bodies(responses).slice(0, 3)).toEqual(paths(3));
    expect(gate.started.slice(0, 3)).toEqual(paths(3));
  });
});

/** Starts a listener whose requests have to arrive within a tenth of a second. `isLate` resolves when one has not. */
async function startImpatient(listener: RequestListener) {
  const server = createServer({ headersTimeout: 100, requestTimeout: 100, connectionsCheckingInterval: 20 });
  const { destroy } = trackConnections(server, listener);
  onTestFinished(() => void server.close());
  onTestFinished(destroy);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, isLate: once(server, 'clientError') };
}

describe('a request that is late behind others', () => {
  const half = 'GET /late HTTP/1.1\r\nHost:';

  test('gets its 408 behind their responses', async () => {
    const gate = createGate();
    const { port, isLate } = await startImpatient(gate.listener);
    const socket = send(port, pipeline(3) + half);
    await isLate;
    gate.release();
    expect((await readResponses(socket)).map(({ status }) => status)).toEqual([200, 200, 200, 408]);
  });

  test('gets its response when it has arrived by then', async () => {
    const gate = createGate();
    const { port, isLate } = await startImpatient(gate.listener);
    const socket = send(port, pipeline(3) + half);
    await isLate;
    socket.write(` x\r\n\r\n${get('/next')}`);
    await letTimePass(port);
    gate.release();
    expect(bodies(await readResponses(socket, 5))).toEqual([...paths(3), '/late', '/next']);
  });
});

test('slices end where a message ends', () => {
  const property = fc.property(exchange, ({ messages, pieces, isTiny }) => {
    const slices = new MessageSlices();
    const ends = new Set<number>();
    let [taken, head] = [0, ''];
    for (const piece of cut(Buffer.concat(messages.map(({ bytes }) => bytes)), pieces, isTiny)) {
      slices.add(piece);
      for (let slice = slices.take(); slice !== undefined; slice = slices.take()) {
        taken += slice.length;
        head += slice.toString('latin1');
        if (!slices.isAtEnd) continue;
        ends.add(taken);
        slices.expectBody(Number(/^POST .*\r\ncontent-length: (\d+)\r\n\r\n$/is.exec(head)?.[1] ?? 0));
        head = '';
      }
    }
    let end = 0;
    for (const { bytes } of messages) {
      end += bytes.length;
      expect(ends).toContain(end);
    }
    expect(taken).toBe(end);
  });
  fc.assert(property, { seed: 20261127, numRuns: 300 });
});

test('a stop responds to every request that waits', async () => {
  const gate = createGate();
  const { port, stop } = await startListener(gate.listener);
  const socket = send(port, pipeline(2));
  await letTimePass(port);
  // These wait as bytes.
  socket.write(withLength(Buffer.alloc(9)).bytes);
  socket.write(pipeline(2));
  await letTimePass(port);
  const stopped = stop();
  setImmediate(gate.release);
  const responses = await readResponses(socket);
  await stopped;
  expect(bodies(responses)).toEqual(['/0', '/1', '/length', '/0', '/1']);
  expect(responses.map(({ head }) => /connection: close/i.test(head))).toEqual([false, false, false, false, true]);
});

test('a connection without a request is kept longer', async () => {
  const gate = createGate();
  const { port } = await startListener(gate.listener, { idleTimeout: 5_000, keepAliveTimeout: 90_000 });
  const socket = send(port, get('/0'));
  await letTimePass(port);
  const timeouts = [gate.sockets[0]?.timeout];
  gate.release();
  await once(socket, 'readable');
  expect(socket.read().toString()).toMatch(/keep-alive: timeout=90\r\n/i);
  timeouts.push(gate.sockets[0]?.timeout);
  // Node adds a second, so that the client closes first.
  expect(timeouts).toEqual([5_000, 91_000]);
});

/** Reads the resident set size of a process, in MB. */
async function readRss(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(status ?? '') ?? [];
  return Number(kilobytes ?? (await run(['ps', '-o', 'rss=', '-p', String(pid)])).stdout) / 1_024;
}

test('sixteen thousand pipelined pages take no memory before they are read', async () => {
  await using deployment = await createDeployment();
  await using server = await deployment.startServer({ API_TOKEN: 'YOUR_API_TOKEN' });
  const [connections, requests] = [10, 1_600];
  const port = Number(new URL(server.url).port);
  const page = Buffer.from(await (await fetch(`${server.url}/openapi.json`)).arrayBuffer()).toString('latin1');
  const before = await readRss(server.pid);
  const sockets = Array.from({ length: connections }, () => send(port, get('/openapi.json').repeat(requests)));
  let peak = before;
  for (let round = 0; round < 50; round += 1) {
    await readText(send(port, get('/healthz', 'Connection: close')));
    peak = Math.max(peak, await readRss(server.pid));
  }
  console.log(`pipelining: ${Math.round(before)} MB before, ${Math.round(peak)} MB with 16,000 requests unread`);
  expect(peak - before).toBeLessThan(50);
  for (const socket of sockets) {
    const received = bodies(await readResponses(socket, requests));
    expect({ count: received.length, different: received.filter((body) => body !== page).length }).toEqual({
      count: requests,
      different: 0,
    });
  }
});

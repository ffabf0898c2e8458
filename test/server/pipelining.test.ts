// @databases none
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Server } from 'node:http';
import type { Socket } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { openStore } from '../../server/store/open-store.ts';
import { run } from '../helpers/process.ts';
import { startServer } from '../helpers/server.ts';
import { createDeployment } from '../helpers/server-process.ts';
import { soak } from '../helpers/soak.ts';
import {
  bodies,
  createGate,
  echo,
  get,
  letTimePass,
  paths,
  pipeline,
  readResponses,
  send,
  startListener,
  startWatched,
} from './pipelining-client.ts';

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

  test('runs each request in the context of its own', async () => {
    const context = new AsyncLocalStorage<string>();
    const { emit } = Server.prototype;
    // As the instrumentation of OpenTelemetry does.
    Server.prototype.emit = function (name: string, ...rest: unknown[]) {
      const pass = () => Reflect.apply(emit, this, [name, ...rest]);
      return name === 'request' ? context.run(`${(rest[0] as { url: string }).url}`, pass) : pass();
    };
    onTestFinished(() => {
      Server.prototype.emit = emit;
    });
    const { port } = await startListener((_req, res) => setTimeout(() => res.end(context.getStore()), 0));
    expect(bodies(await readResponses(send(port, pipeline(20)), 20))).toEqual(paths(20));
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

  test('is read no faster than it is parsed', async () => {
    const sockets: Socket[] = [];
    const { port } = await startListener(({ socket }, res) => {
      sockets.push(socket);
      res.end();
    });
    const socket = send(port, pipeline(2));
    await letTimePass(port);
    socket.write('\r\n\r\n'.repeat(2_000_000));
    await letTimePass(port);
    expect(sockets[0]?.bytesRead).toBeLessThan(400_000);
    socket.destroy();
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

  test('lets others go between the slices of its bytes', async () => {
    const { port } = await startListener(echo);
    const greedy = send(port, pipeline(2));
    const responses = readResponses(greedy, 3);
    await letTimePass(port);
    const blanks = '\r\n\r\n'.repeat(15_000);
    const head = 'POST /blanks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    greedy.write(`${blanks}${head}${blanks.length.toString(16)}\r\n${blanks}\r\n0\r\n\r\n`);
    let others = 0;
    const isOver = responses.then(() => true);
    while (
      !(await Promise.race([isOver, readText(send(port, get('/other', 'Connection: close'))).then(() => false)]))
    ) {
      others += 1;
    }
    expect(others).toBeGreaterThan(20);
    expect((await responses).at(-1)?.body).toBe(`POST /blanks ${blanks.length}`);
  });

  test.each([
    ['a client', get('/close', 'Connection: close')],
    ['an old client', 'GET /old HTTP/1.0\r\n\r\n'],
    ['the server', get('/server')],
  ])('that %s closes starts no other request', async (_name, first) => {
    const gate = createGate((res, path) => {
      if (path === '/server') res.setHeader('Connection', 'close');
      res.end();
    });
    const { port } = await startListener(gate.listener);
    const socket = send(port, first + pipeline(3));
    await letTimePass(port);
    gate.release();
    expect(await readResponses(socket)).toHaveLength(1);
    expect(gate.started).toHaveLength(1);
  });
});

test('many connections together let few parsed requests wait', async () => {
  const gate = createGate();
  const { port, parsed } = await startWatched(gate.listener);
  const sockets = Array.from({ length: 50 }, () => send(port, ''));
  await letTimePass(port);
  for (const socket of sockets) socket.write(pipeline(3_000));
  while (gate.started.length < 50) await letTimePass(port);
  console.log(`pipelining: ${parsed()} of 150000 requests parsed while 50 are in work`);
  expect(parsed()).toBeLessThan(7_000);
});

test('a stop responds to every request that waits', async () => {
  const gate = createGate();
  const { port, stop } = await startListener(gate.listener);
  const socket = send(port, pipeline(2));
  await letTimePass(port);
  // These wait as bytes.
  socket.write('POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody');
  socket.write(pipeline(2));
  await letTimePass(port);
  const stopped = stop();
  await setImmediate();
  gate.release();
  const responses = await readResponses(socket);
  await stopped;
  expect(bodies(responses)).toEqual(['/0', '/1', '/body', '/0', '/1']);
  expect(responses.map(({ head }) => /connection: close/i.test(head))).toEqual([false, false, false, false, true]);
});

test('a stop responds to requests that arrive as it begins', async () => {
  const gate = createGate();
  const { port, stop } = await startListener(gate.listener);
  gate.release();
  const sockets = Array.from({ length: 20 }, () => send(port, ''));
  await letTimePass(port);
  for (const socket of sockets) socket.write(pipeline(3));
  const [stopped, ...all] = await Promise.all([stop(), ...sockets.map((socket) => readResponses(socket))]);
  expect(stopped).toBeUndefined();
  expect(all.map(bodies)).toEqual(sockets.map(() => paths(3)));
});

test('a stop closes a connection with the response to a late request', async () => {
  const { port, stop } = await startListener(echo);
  const socket = send(port, pipeline(2));
  const responses = readResponses(socket);
  await letTimePass(port);
  const stopped = stop();
  for (let round = 0; round < 20; round += 1) await setImmediate();
  socket.write('POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody');
  const closing = (await responses).map(({ head }) => /connection: close/i.test(head));
  expect(closing).toEqual([false, false, true]);
  await stopped;
});

describe('a connection without a request', () => {
  test('is kept longer than one with a request in work', async () => {
    const gate = createGate();
    const { port } = await startListener(gate.listener, { idleTimeout: 5_000, keepAliveTimeout: 90_000 });
    const socket = send(port, get('/0'));
    await letTimePass(port);
    const timeouts = [gate.sockets[0]?.timeout];
    gate.release();
    await once(socket, 'readable');
    timeouts.push(gate.sockets[0]?.timeout);
    // Node adds a second, so that the client closes first.
    expect(timeouts).toEqual([5_000, 91_000]);
  });

  test.each([
    [undefined, 75],
    ['120', 120],
  ])('is kept as KEEP_ALIVE_TIMEOUT=%s says', async (KEEP_ALIVE_TIMEOUT, seconds) => {
    const { keepAliveTimeout } = readConfig({ KEEP_ALIVE_TIMEOUT });
    const { port } = await startListener((_req, res) => res.end(), { keepAliveTimeout });
    const [response] = await readResponses(send(port, get('/')), 1);
    expect(response?.head).toMatch(new RegExp(`^keep-alive: timeout=${seconds}$`, 'im'));
  });
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
  const page = get('/openapi.json', 'Accept-Encoding: gzip');
  // The first requests load what all others use.
  const [expected] = await readResponses(send(port, page.repeat(200)), 200);
  const before = await readRss(server.pid);
  const sockets = Array.from({ length: connections }, () => send(port, page.repeat(requests)));
  let peak = before;
  for (let round = 0; round < 50; round += 1) {
    await readText(send(port, get('/healthz', 'Connection: close')));
    peak = Math.max(peak, await readRss(server.pid));
  }
  console.log(`pipelining: ${Math.round(before)} MB before, ${Math.round(peak)} MB with 16,000 requests unread`);
  // All responses in memory at once would take 900 MB.
  expect(peak - before).toBeLessThan(100);
  for (const socket of sockets.splice(soak(2, connections))) socket.destroy();
  for (const socket of sockets) {
    const received = bodies(await readResponses(socket, requests));
    expect({ count: received.length, different: received.filter((body) => body !== expected?.body).length }).toEqual({
      count: requests,
      different: 0,
    });
  }
});

// @databases sqlite
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../server/http/listen.ts';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { createToken } from '../helpers/deployment-data.ts';
import { eventually } from '../helpers/eventually.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { insertApps } from '../helpers/inserted-apps.ts';
import { listProblemDefects } from '../helpers/problems.ts';
import { type ListeningServer, sendRawRequest, startListeningServer } from '../helpers/raw-requests.ts';
import { createDeployment, type Deployment, type ServerProcess } from '../helpers/server-process.ts';
import { isSoak, soak } from '../helpers/soak.ts';

const SECRET_KEYS = makeKeyLine(new Date());
const env = { SECRET_KEYS, API_TOKEN: 'YOUR_API_TOKEN' };
const apps = '/v1/oauth-apps';
const head = 'Host: localhost\r\nAuthorization: Bearer YOUR_API_TOKEN\r\n';

/** Fills the account with a list of eight megabytes: more than the socket buffers hold for a slow reader. */
function insertLongList({ database }: Deployment) {
  const metadata = JSON.stringify({ text: 'x'.repeat(8_192) });
  const keyRing = loadKeyRing(SECRET_KEYS, new Date());
  return insertApps(database, keyRing, { accounts: ['default'], appsEach: 1_000, metadata });
}

/** Opens a connection whose client side stays open, and writes to it. */
function openSocket({ url }: Pick<ServerProcess, 'url'>, text: string): Socket {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), allowHalfOpen: true });
  socket.on('error', () => {}).write(text);
  return socket;
}

const listRequest = `GET ${apps} HTTP/1.1\r\n${head}\r\n`;

/** Number of slow readers. With the probe they take every turn of their account. */
const readerCount = 3;
/** Milliseconds between two reads of a slow reader. */
const pauseMilliseconds = 100;

/**
 * Requests the list and reads it slowly until `released`, and then as fast as it can. `begun` resolves with the first
 * bytes, `end` at the end: with whether the list is complete, and the text behind it.
 * @param following Requests that wait on the same connection.
 */
function readSlowly(server: ServerProcess, released: Promise<unknown>, following = '') {
  const socket = openSocket(server, listRequest + following);
  const chunks: Buffer[] = [];
  let isReleased = false;
  const begun = new Promise<void>((resolve) => {
    socket.on('data', (bytes) => {
      chunks.push(bytes);
      resolve();
      if (isReleased) return;
      socket.pause();
      setTimeout(() => socket.resume(), pauseMilliseconds);
    });
  });
  void released.then(() => {
    isReleased = true;
    socket.resume();
  });
  const end = new Promise<{ isComplete: boolean; rest: string }>((resolve) => {
    socket
      .on('end', () => socket.end())
      .on('close', () => {
        const text = Buffer.concat(chunks).toString('latin1');
        const [, length] = /content-length: (\d+)/i.exec(text) ?? [];
        const expected = text.indexOf('\r\n\r\n') + 4 + Number(length);
        resolve({
          isComplete: text.startsWith('HTTP/1.1 200 ') && text.length >= expected,
          rest: text.slice(expected),
        });
      });
  });
  return { begun, end };
}

/** Sends requests on keep-alive connections until the server accepts no new connection. */
function keepSending(server: ServerProcess, target: string, connections: number, token = env.API_TOKEN) {
  const { send } = createHttpClient(server.url, token, connections);
  const statuses: number[] = [];
  const failures: unknown[] = [];
  const sentBy: number[] = Array(connections).fill(0);
  let closes = 0;
  const work = async (_none: unknown, worker: number) => {
    for (;;) {
      try {
        statuses.push((await send(target)).status);
        sentBy[worker] = (sentBy[worker] ?? 0) + 1;
      } catch (error) {
        const { code } = error as { code?: string };
        if (code === 'ECONNREFUSED') return;
        // A client that pauses may send on a connection that was closed while it was idle (RFC 9112, section 9.3.1), and
        // the system closes connections that the server has not accepted yet.
        if (isSoak || code !== 'ECONNRESET') return void failures.push(code);
        closes += 1;
      }
    }
  };
  return {
    statuses,
    failures,
    /** Returns the number of connections that were closed without a response. */
    countCloses: () => closes,
    /** Resolves once every connection has had two responses. */
    begun: () => eventually(() => expect(Math.min(...sentBy)).toBeGreaterThan(1)),
    ended: Promise.all(Array.from({ length: connections }, work)),
  };
}

async function stop(server: ServerProcess) {
  const start = performance.now();
  server.signal('SIGTERM');
  const end = await server.closed;
  return { end, milliseconds: Math.round(performance.now() - start) };
}

describe.concurrent('a stop', () => {
  test('completes all responses and exits with 0', async () => {
    await using deployment = await createDeployment();
    await insertLongList(deployment);
    // An account of its own: the slow readers and the probe take all turns of theirs.
    const keyRing = loadKeyRing(SECRET_KEYS, new Date());
    const [{ id } = { id: '' }] = await insertApps(deployment.database, keyRing, { accounts: ['other'], appsEach: 1 });
    const { token } = await createToken(deployment, 'other');
    await using server = await deployment.startServer({ ...env, LOG_LEVEL: 'info' });
    const released = Promise.withResolvers<void>();
    const readers = Array.from({ length: readerCount }, () => readSlowly(server, released.promise));
    // Its response comes after two lists, which are more than the buffers of a socket ever hold.
    const readiness = 'GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const probe = readSlowly(server, released.promise, listRequest + readiness);
    await Promise.all([...readers, probe].map(({ begun }) => begun));
    const requests = keepSending(server, `GET ${apps}/${id}`, 45, token);
    await requests.begun();
    // The server has stopped to listen once every connection has been refused.
    void requests.ended.then(() => released.resolve());
    const { end, milliseconds } = await stop(server);
    const { failures } = requests;
    const ends = await Promise.all(readers.map((reader) => reader.end));
    const lists = ends.filter(({ isComplete, rest }) => isComplete && rest === '').length;
    const status = /.*HTTP\/1\.1 (\d+)/s.exec((await probe.end).rest)?.[1];
    console.log(
      `stop: ${failures.length} of ${requests.statuses.length} requests on 45 connections and ${readerCount - lists} of ${readerCount} slow readers ` +
        `failed, ${requests.countCloses()} connections closed before a request was read; readiness ${status}; exit after ${milliseconds} ms`,
    );
    expect({ failures, lists, end }).toEqual({ failures: [], lists: readerCount, end: [0, null] });
    // Each request that the server has read has its response.
    expect(server.output.stderr.match(/"operationId":"getOAuthApp"/g)).toHaveLength(requests.statuses.length);
    expect(server.output.stderr + server.output.stdout).not.toContain('no response sent');
    expect(new Set(requests.statuses)).toEqual(new Set([200]));
    expect(status).toBe('503');
    if (isSoak) expect(milliseconds).toBeLessThan(10_000);
  });
});

const createHead = `POST ${apps} HTTP/1.1\r\n${head}Content-Type: application/json\r\n`;
/** Requests that never end, and the text that is added every second. */
const incompleteRequests = [
  ['', ''],
  [`GET ${apps} HTTP/1.1\r\n${head}`, ''],
  [`GET ${apps} HTTP/1.1\r\n${head}X-Long: `, 'x'],
  [`${createHead}Content-Length: 60000\r\n\r\n{"name":"`, ''],
  [`${createHead}Content-Length: 60000\r\n\r\n{"name":"`, 'x'],
  [`${createHead}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'],
] as const;

/** Keeps a connection open with a request that never ends. Resolves with the seconds until the server closes it. */
function holdConnection(server: Pick<ServerProcess, 'url'>, [text, more]: readonly [string, string]): Promise<number> {
  const start = performance.now();
  const socket = openSocket(server, text).resume();
  const timers = [setInterval(() => socket.write(more), 1_000)];
  // After the FIN of the server, a write fails once the connection is closed.
  socket.once('end', () => timers.push(setInterval(() => socket.write('x'), 200)));
  return new Promise((resolve) => {
    socket.once('close', () => {
      for (const timer of timers) clearInterval(timer);
      resolve((performance.now() - start) / 1_000);
    });
  });
}

/** The limits of the long form: the slowest connection closes within 15 s, and every request gets its response within 1 s. */
const isInTime = (times: { seconds: number; slowest: number }) => times.seconds < 15 && times.slowest < 1_000;

describe.concurrent('slow clients', () => {
  test('that send lose their connection and delay no request', async () => {
    await using deployment = await createDeployment();
    await using server = await deployment.startServerHere(env);
    const held = Array.from({ length: soak(60, 300) }, (_, index) =>
      holdConnection(server, incompleteRequests[index % 6] ?? ['', '']),
    );
    const all = Promise.all(held);
    const isOver = all.then(() => true);
    let [slowest, sent] = [0, 0];
    while (!(await Promise.race([isOver, delay(50, false)]))) {
      const start = performance.now();
      expect((await server.send(`GET ${apps}`)).status).toBe(200);
      slowest = Math.max(slowest, Math.round(performance.now() - start));
      sent += 1;
    }
    const seconds = Math.max(...(await all));
    console.log(
      `slow clients: ${held.length} incomplete requests closed within ${seconds.toFixed(1)} s; ` +
        `${sent} complete requests meanwhile, slowest ${slowest} ms`,
    );
    expect(sent).toBeGreaterThan(0);
    if (isSoak) expect({ seconds, slowest }).toSatisfy(isInTime);
  });

  test('that stop reading lose their connection', async () => {
    const long = Buffer.alloc(64 * 1_024 * 1_024);
    const ended = Promise.withResolvers<boolean>();
    const respond: RequestListener = (_req, res) => {
      res.once('close', () => ended.resolve(res.writableFinished)).end(long);
    };
    const { url, stop } = await listen(respond, { host: '127.0.0.1', port: 0, idleTimeout: 500 });
    const isEnded = ended.promise.then(() => true);
    // On a busy machine, the timeout of a connection may end before its request arrives.
    for (let isOver = false; !isOver; ) {
      const socket = openSocket({ url }, listRequest);
      isOver = await Promise.race([isEnded, once(socket, 'close').then(() => false)]);
      socket.destroy();
    }
    expect(await ended.promise).toBe(false);
    await stop();
  });
});

describe('malformed HTTP gets a problem', () => {
  let listening: ListeningServer;
  beforeAll(async () => {
    listening = await startListeningServer();
  });
  afterAll(() => listening[Symbol.asyncDispose]());

  test.each([
    ['bytes of another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01', 400],
    ['an unknown method', 'NOPE / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['another version', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a broken header', 'GET / HTTP/1.1\r\nHost : x\r\n\r\n', 400],
    ['two lengths', `${createHead}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400],
    ['a length and chunks', `${createHead}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`, 400],
    ['a large header', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a huge header', `GET / HTTP/1.1\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`, 431],
    ['a thousand headers', `GET / HTTP/1.1\r\n${`X-Many: ${'x'.repeat(30)}\r\n`.repeat(1_000)}\r\n`, 431],
    ['a long target', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  ])('%s', async (_name, request, status) => {
    const response = await sendRawRequest(listening.url, request);
    expect(response.status).toBe(status);
    expect(listProblemDefects(response)).toEqual([]);
    expect(response.headers.connection).toBe('close');
  });
});

// @databases none
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageSlices } from '../../server/http/message-slices.ts';
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

/** The bytes of a request, and the body of the response to it by `echo`. */
interface Message {
  readonly bytes: Buffer;
  readonly response: string;
}

/** Responds with the method and the path, and leaves the body unread. */
const echoHead: RequestListener = ({ method, url }, res) => void res.end(`${method} ${url}`);
/** Responds as `echo`, but reads the body after it has filled the buffers. */
const echoLate: RequestListener = async (req, res) => {
  for (let round = 0; round < 5; round += 1) await setImmediate();
  echo(req, res);
};
/** Responds as `echoHead`, with more than a socket buffers. */
const echoLong: RequestListener = ({ method, url }, res) => void res.end(`${method} ${url} ${'x'.repeat(4_000_000)}`);

/** Bodies that look like the end of a head, and like requests. */
const bodyBytes = fc.constantFrom(0, 1, 300, 70_000, 140_000).map((length) => {
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
  pieces: fc.array(fc.integer({ min: 500, max: 90_000 }), { minLength: 1, maxLength: 10 }),
  isTiny: fc.boolean(),
});

/** Cuts bytes into pieces of the given lengths; into a few bytes each where `isTiny` says so. */
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
    ['that are read', echo, / .*/, soak(25, 100)],
    ['that are read late', echoLate, / .*/, soak(25, 100)],
    ['that are not read', echoHead, / [^ ]*/, soak(25, 100)],
    ['with long responses', echoLong, / [^ ]*/, soak(4, 10)],
  ] as const)('%s get their responses in order', async (_name, listener, shown, numRuns) => {
    // Bytes that are left unread would otherwise be read again when the request is late.
    const { port } = await startWatched(listener, { requestTimeout: 0, headersTimeout: 0 });
    const property = fc.asyncProperty(exchange, async ({ messages, pieces, isTiny }) => {
      const socket = send(port, '').setNoDelay();
      const received = readResponses(socket, messages.length);
      for (const piece of cut(Buffer.concat(messages.map(({ bytes }) => bytes)), pieces, isTiny)) {
        await new Promise((resolve) => socket.write(piece, resolve));
      }
      const expected = messages.map(({ response }) => shown.exec(response)?.[0]);
      expect(bodies(await received).map((body) => shown.exec(body)?.[0])).toEqual(expected);
    });
    await fc.assert(property, { seed: 20261127, numRuns });
  });

  test('stay whole when they are cut behind a response that is not read', async () => {
    const gate = createGate((res, path) => res.end(path === '/0' ? 'x'.repeat(8_000_000) : path));
    const { port } = await startListener(gate.listener);
    const { bytes } = withLength(Buffer.alloc(70_000));
    const socket = send(port, Buffer.concat([Buffer.from(pipeline(2)), bytes.subarray(0, 20)]));
    await letTimePass(port);
    gate.release();
    await letTimePass(port);
    socket.write(Buffer.concat([bytes.subarray(20), Buffer.from(pipeline(1_000))]));
    await letTimePass(port);
    const responses = await readResponses(socket, 3);
    expect(responses.map(({ body }) => body.length)).toEqual([8_000_000, '/1'.length, '/length'.length]);
  });

  test('are parsed alone while they are in work', async () => {
    const watched = await startWatched(async ({ url }, res) => {
      const before = watched.parsed();
      for (let round = 0; round < 10; round += 1) await setImmediate();
      if (url === '/length') parsedMeanwhile = watched.parsed() - before;
      res.end();
    });
    let parsedMeanwhile = 0;
    const socket = send(watched.port, pipeline(2));
    await once(socket.setEncoding('latin1'), 'readable');
    for (let text = ''; text.split('HTTP/1.1 200').length < 3; text += socket.read() ?? '') await setImmediate();
    socket.write(Buffer.concat([withLength(Buffer.alloc(9)).bytes, Buffer.from(get('/last'))]));
    expect(await readResponses(socket, 2)).toHaveLength(2);
    // Itself, as the test counts after the start.
    expect(parsedMeanwhile).toBe(1);
  });

  test('are read after 100 Continue, each in its place', async () => {
    const { port } = await startListener(echo);
    const { bytes } = withLength(Buffer.from('12345'), 'Expect: 100-continue');
    const socket = send(port, Buffer.concat([Buffer.from(get('/first')), bytes.subarray(0, -5)]));
    const responses = readResponses(socket, 3);
    await letTimePass(port);
    socket.write(bytes.subarray(-5));
    expect((await responses).map(({ status, body }) => [status, body])).toEqual([
      [200, 'GET /first 0'],
      [100, ''],
      [200, 'POST /length 5'],
    ]);
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

/** Starts a listener. `makeLate` lets the time pass for a request that it has read a part of. */
async function startImpatient(listener: RequestListener) {
  const { server, port } = await startWatched(listener, { connectionsCheckingInterval: 20 });
  const { headersTimeout } = server;
  const makeLate = async () => {
    await letTimePass(port);
    server.headersTimeout = 1;
    await once(server, 'clientError');
    server.headersTimeout = headersTimeout;
  };
  return { port, makeLate };
}

describe('a request that is late behind others', () => {
  const half = 'GET /late HTTP/1.1\r\nHost:';

  test('gets its 408 behind their responses', async () => {
    const gate = createGate();
    const { port, makeLate } = await startImpatient(gate.listener);
    const socket = send(port, pipeline(3) + half);
    await makeLate();
    gate.release();
    expect((await readResponses(socket)).map(({ status }) => status)).toEqual([200, 200, 200, 408]);
  });

  test('gets its response when it has arrived by then', async () => {
    const gate = createGate();
    const { port, makeLate } = await startImpatient(gate.listener);
    const socket = send(port, pipeline(3) + half);
    await makeLate();
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
      for (let slice = slices.take(); slice.length > 0; slice = slices.take()) {
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
  fc.assert(property, { seed: 20261127, numRuns: soak(100, 300) });
});

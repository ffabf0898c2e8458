// @databases none
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OperationId, operations } from '../../generated/operations.ts';
import { trackConnections } from '../../server/http/connections.ts';
import { type RequestLine, silentLog } from '../../server/log.ts';
import { expectDocumented } from '../helpers/description.ts';
import { eventually } from '../helpers/eventually.ts';
import { example } from '../helpers/examples.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const operationIds = Object.keys(operations) as OperationId[];
const lines: RequestLine[] = [];
let server: TestServer;
/** As the server listens. It checks more often which requests are late. */
let listener: Server;
let port: number;
let stop: () => void;
/** The time that a request has to arrive, in milliseconds: an hour, which no test takes. */
const longTimeout = 3_600_000;

beforeAll(async () => {
  const log = { ...silentLog, request: (line: RequestLine) => lines.push(line) };
  server = await startServer({ log });
  listener = createServer({
    requestTimeout: longTimeout,
    headersTimeout: longTimeout,
    connectionsCheckingInterval: 20,
  });
  const { destroy } = trackConnections(listener, server.app, log);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  port = (listener.address() as AddressInfo).port;
  stop = () => {
    listener.close();
    destroy();
  };
});
afterAll(async () => {
  stop();
  await server[Symbol.asyncDispose]();
});

/** Lets the time of a request pass, once the listener has read that many bytes from the next connection. */
async function makeLate(count: number): Promise<void> {
  const [connection] = (await once(listener, 'connection')) as [Socket];
  await eventually(() => expect(connection.bytesRead).toBe(count));
  listener.headersTimeout = 1;
}

/** Sends bytes and returns the responses until the server closes the connection. */
async function send(bytes: string): Promise<Response[]> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes, 'latin1');
  if (bytes.endsWith(halfHead)) await makeLate(bytes.length);
  let rest = await text(socket.setEncoding('latin1'));
  listener.headersTimeout = longTimeout;
  const responses: Response[] = [];
  while (rest !== '') {
    const [head = '', after = ''] = rest.split(/\r\n\r\n(.*)/s);
    const [status = '', ...headers] = head.split('\r\n');
    const fields = new Headers(headers.map((line) => line.split(/:\s*(.*)/s).slice(0, 2) as [string, string]));
    const length = Number(fields.get('content-length'));
    responses.push(new Response(after.slice(0, length), { status: Number(status.split(' ')[1]), headers: fields }));
    rest = after.slice(length);
  }
  return responses;
}

const get = (target: string, ...headers: string[]) => ['GET ', target, ' HTTP/1.1\r\nHost: x\r\n', ...headers].join('');
const post = (...lines: string[]) => `POST /v1/oauth-apps HTTP/1.1\r\n${['Host: x', ...lines].join('\r\n')}\r\n`;
const long = 'x'.repeat(20_000);
const halfHead = get('/v1/oauth-apps', 'X:');

/** Requests that Node's parser does not take, or not in time. */
const malformed: [name: string, status: number, bytes: string][] = [
  ['raw UTF-8 in the target', 400, get('/v1/oauth-apps/\xc3\xa9\xff', '\r\n')],
  ['a space in the target', 400, get('/v1/oauth apps', '\r\n')],
  ['a control character in the target', 400, get('/v1/oauth-apps/\x01', '\r\n')],
  ['two Content-Length', 400, `${post('Content-Length: 1', 'Content-Length: 2')}\r\nxx`],
  ['Content-Length beside chunks', 400, `${post('Content-Length: 1', 'Transfer-Encoding: chunked')}\r\n0\r\n\r\n`],
  ['a Content-Length that is no number', 400, `${post('Content-Length: x')}\r\n`],
  ['a broken chunk', 400, `${post('Transfer-Encoding: chunked')}\r\nx\r\n`],
  ['an unknown transfer coding', 400, `${post('Transfer-Encoding: x, y')}\r\nx`],
  ['a header name with a space', 400, get('/v1/oauth-apps', 'X Y: z\r\n\r\n')],
  ['a header with U+0000', 400, get('/v1/oauth-apps', 'X: a\x00b\r\n\r\n')],
  ['a folded header', 400, get('/v1/oauth-apps', ' X: z\r\n\r\n')],
  ['an unknown method', 400, 'FETCH /v1/oauth-apps HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['another version', 400, 'GET /v1/oauth-apps HTTP/9.9\r\nHost: x\r\n\r\n'],
  ['HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['TLS', 400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['no HTTP at all', 400, 'garbage\r\n\r\n'],
  ['CONNECT', 400, 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a long target', 431, get(`/v1/oauth-apps?${long}`, '\r\n')],
  ['a long header', 431, get('/v1/oauth-apps', `X: ${long}\r\n\r\n`)],
  ['many headers', 431, get('/v1/oauth-apps', 'X: y\r\n'.repeat(5_000), '\r\n')],
  ['half a head', 408, halfHead],
];

test.each(malformed)('%s gets a documented %i', async (_name, status, bytes) => {
  const [response, ...others] = await send(bytes);
  expect([response?.status, others]).toEqual([status, []]);
  const { headers } = response as Response;
  expect(Math.abs(Date.parse(headers.get('date') ?? '') - Date.now())).toBeLessThan(3_600_000);
  expect(headers.get('connection')).toBe('close');
  const requestId = headers.get('x-request-id');
  expect(await response?.clone().json()).toMatchObject({ status, instance: `urn:uuid:${requestId}` });
  // The operation is unknown, so every one documents it.
  for (const operationId of operationIds) await expectDocumented(operationId, (response as Response).clone());
  await eventually(() => expect(lines.filter((line) => line.requestId === requestId)).toMatchObject([{ status }]));
});

/** Returns the bytes of a valid request. */
function render(operationId: OperationId, id: string): string {
  const { method, path, requestMediaTypes } = operations[operationId];
  const body = operationId === 'createOAuthApp' ? example('CreateOAuthApp') : example('UpdateOAuthApp');
  const text = requestMediaTypes.length > 0 ? JSON.stringify(body) : '';
  return [
    `${method.toUpperCase()} ${path.replace('{id}', id)} HTTP/1.1`,
    ...['Host: x', `Authorization: Bearer ${server.token}`, `Content-Length: ${text.length}`],
    ...(text === '' ? [] : ['Content-Type: application/json']),
    `\r\n${text}`,
  ].join('\r\n');
}

test.each(operationIds)('bytes that do not parse behind %s leave it its own response', async (operationId) => {
  for (const [name, status, bytes] of malformed) {
    const { id } = await server.client.createOAuthApp(example('CreateOAuthApp'));
    const responses = await send(render(operationId, id) + bytes);
    expect([name, ...responses.map((response) => response.status)]).toEqual([name, 200, status]);
    for (const response of responses) await expectDocumented(operationId, response);
  }
});

test('a body with a broken chunk changes nothing', async () => {
  const before = await server.client.listOAuthApps();
  const head = post(`Authorization: Bearer ${server.token}`, 'Content-Type: application/json');
  const [response] = await send(`${head}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nx\r\n`);
  await expectDocumented('createOAuthApp', response as Response);
  expect(response?.status).toBe(400);
  expect(await server.client.listOAuthApps()).toEqual(before);
});

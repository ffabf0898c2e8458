// @databases none
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type RequestHandler, type Response } from 'express';
import { expect, test } from 'vitest';
import { type ResponseParts, send } from '../../server/http/send.ts';
import { example } from '../helpers/examples.ts';

const problem = { status: 404, mediaType: 'application/problem+json', body: { title: 'é😀 <&> \u2028' } };
const responses: readonly ResponseParts[] = [
  { status: 200, body: example('OAuthApp') },
  { status: 200, body: { data: Array.from({ length: 100 }, () => example('OAuthApp')) }, headers: { ETag: '"v1"' } },
  { ...problem, headers: { 'Cache-Control': 'no-store', 'Retry-After': '1' } },
  { status: 304, headers: { ETag: '"v1"' } },
];

/** Sends a response with Express. */
function sendByExpress(res: Response, { status, headers = {}, mediaType, body }: ResponseParts, requestId: string) {
  res.status(status).set(headers).set({ 'X-Request-Id': requestId, 'X-Content-Type-Options': 'nosniff' });
  if (mediaType !== undefined) res.set('Content-Type', mediaType);
  if (body === undefined) res.end();
  else res.json(body);
}

async function serve(handler: RequestHandler) {
  const app = express().disable('x-powered-by').disable('etag').use(handler);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(url: string, method: string) {
  const response = await fetch(url, { method });
  const { date: _date, ...headers } = Object.fromEntries(response.headers);
  return { status: response.status, headers, text: await response.text() };
}

test.each(responses)('the response $status with $mediaType $headers equals that of Express', async (response) => {
  await using expected = await serve((_req, res) => sendByExpress(res, response, 'id'));
  await using actual = await serve((_req, res) => send(res, response, 'id'));
  for (const method of ['GET', 'HEAD', 'POST']) {
    expect(await read(actual.url, method)).toEqual(await read(expected.url, method));
  }
});

test('a body without JSON text sends nothing', async () => {
  await using server = await serve((_req, res) => {
    expect(() => send(res, { status: 200, body: { count: 1n }, headers: { ETag: '"v1"' } }, 'id')).toThrow(TypeError);
    expect(res.headersSent).toBe(false);
    send(res, { status: 204 }, 'id');
  });
  const { status, headers } = await read(server.url, 'GET');
  expect(status).toBe(204);
  expect(headers).not.toHaveProperty('etag');
});

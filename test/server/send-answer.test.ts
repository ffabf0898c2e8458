import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type RequestHandler, type Response } from 'express';
import { expect, test } from 'vitest';
import { type Answer, checkAndSend, type SendAnswer } from '../../server/http/send.ts';
import { example } from '../helpers/examples.ts';

const problem = { status: 404, mediaType: 'application/problem+json', body: { title: 'é😀 <&> \u2028' } };
const answers: readonly Answer[] = [
  { status: 200, body: example('OAuthApp') },
  { status: 200, body: { data: Array.from({ length: 100 }, () => example('OAuthApp')) }, headers: { ETag: '"v1"' } },
  { ...problem, headers: { 'Cache-Control': 'no-store', 'Retry-After': '1' } },
  { status: 304, headers: { ETag: '"v1"' } },
];

/** As Express itself sends it. */
const sendByExpress: SendAnswer = (res, { status, headers = {}, mediaType, body }) => {
  res.status(status).set(headers);
  if (mediaType !== undefined) res.set('Content-Type', mediaType);
  if (body === undefined) res.end();
  else res.json(body);
};

const unchecked = checkAndSend(() => {});

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
  return { status: response.status, headers, bytes: [...(await response.bytes())] };
}

test.each(answers)('the answer $status with $mediaType $headers is the one that Express sends', async (answer) => {
  await using expected = await serve((_req, res) => sendByExpress(res, answer));
  await using actual = await serve((_req, res) => unchecked(res, answer));
  for (const method of ['GET', 'HEAD', 'POST']) {
    expect(await read(actual.url, method)).toEqual(await read(expected.url, method));
  }
});

test('an answer that does not pass is not sent', async () => {
  const send = checkAndSend(({ body }) => {
    if (body !== undefined) throw new Error('not documented');
  });
  const attempt = (res: Response) => {
    expect(() => send(res, { status: 200, body: {}, headers: { ETag: '"v1"' } })).toThrow('not documented');
    expect(res.headersSent).toBe(false);
    send(res, { status: 204 });
  };
  await using server = await serve((_req, res) => attempt(res));
  const { status, headers } = await read(server.url, 'GET');
  expect(status).toBe(204);
  expect(headers).not.toHaveProperty('etag');
});

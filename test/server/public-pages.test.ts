// @databases none
import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../helpers/server.ts';

const page = `<html>${'é😀'.repeat(2_000)}</html>`;
const docs = { page, markdown: Buffer.from(page), llms: 'short' };
const pages = ['/docs', '/docs.md', '/openapi.json'] as const;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ docs });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Sends a request without the headers that `fetch` adds, and without decompressing the response. */
async function send(path: string, headers: Record<string, string> = {}, method = 'GET', { url } = server) {
  const sent = request(new URL(path, url), { method, headers, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

const gzip = { 'Accept-Encoding': 'gzip' };
const tagOf = async (path: string, headers = {}) => String((await send(path, headers)).headers.etag);

describe.each(pages)('%s', (path) => {
  test('has an entity tag and may be cached', async () => {
    const { status, headers, body } = await send(path);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=300',
      etag: expect.stringMatching(/^"[\w-]{22}"$/),
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
      'content-length': String(body.length),
    });
    expect(headers).not.toHaveProperty('content-encoding');
    if (path !== '/openapi.json') expect(body.toString()).toBe(page);
  });

  test('is the same compressed, under another tag', async () => {
    const [plain, compressed] = [await send(path), await send(path, gzip)];
    expect(compressed.headers['content-encoding']).toBe('gzip');
    expect(compressed.headers['content-length']).toBe(String(compressed.body.length));
    expect(compressed.headers.etag).not.toBe(plain.headers.etag);
    expect(compressed.headers['content-type']).toBe(plain.headers['content-type']);
    expect(compressed.body.length).toBeLessThan(plain.body.length / 2);
    expect(gunzipSync(compressed.body).equals(plain.body)).toBe(true);
  });

  test('gets 304 without a body when it is known', async () => {
    for (const encoding of [{}, gzip]) {
      const tag = await tagOf(path, encoding);
      for (const sent of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
        const { status, headers, body } = await send(path, { ...encoding, 'If-None-Match': sent });
        expect({ status, length: body.length, etag: headers.etag }).toEqual({ status: 304, length: 0, etag: tag });
        expect(headers).toMatchObject({ 'cache-control': 'public, max-age=300', vary: 'Accept-Encoding' });
      }
    }
  });

  test('is sent when another is known', async () => {
    const others = ['"other"', await tagOf(path, gzip), (await tagOf(path)).slice(1, -1)];
    for (const sent of others) expect((await send(path, { 'If-None-Match': sent })).status).toBe(200);
  });

  test('has the same headers for HEAD', async () => {
    for (const encoding of [{}, gzip]) {
      const [get, head] = [await send(path, encoding), await send(path, encoding, 'HEAD')];
      const compared = ({ headers: { date: _date, 'x-request-id': _id, ...headers } }: typeof get) => headers;
      expect(compared(head)).toEqual(compared(get));
      expect(head.body).toHaveLength(0);
      const known = { ...encoding, 'If-None-Match': String(get.headers.etag) };
      expect((await send(path, known, 'HEAD')).status).toBe(304);
    }
  });
});

test.each([
  ['gzip, deflate, br', 'gzip'],
  ['GZIP', 'gzip'],
  ['br;q=1, gzip;q=0.5, identity;q=0.1', 'gzip'],
  ['*', 'gzip'],
  ['br', undefined],
  ['identity', undefined],
  ['gzip;q=0', undefined],
  ['identity, gzip;q=0.5', undefined],
  ['*;q=0', undefined],
  ['', undefined],
])('Accept-Encoding %j gets %s', async (sent, encoding) => {
  const { status, headers } = await send('/docs', { 'Accept-Encoding': sent });
  expect({ status, encoding: headers['content-encoding'] }).toEqual({ status: 200, encoding });
});

test('a short page is not compressed', async () => {
  const { headers, body } = await send('/llms.txt', gzip);
  expect(headers).not.toHaveProperty('content-encoding');
  expect(body.toString()).toBe(docs.llms);
});

test('a page is compressed once', async () => {
  await using fresh = await startServer({ docs });
  const resources: string[] = [];
  const hook = createHook({ init: (_id, type) => void resources.push(type) }).enable();
  const sizes = Array.from({ length: 20 }, async () => {
    return (await send('/docs', gzip, 'GET', fresh)).headers['content-length'];
  });
  expect(new Set(await Promise.all(sizes)).size).toBe(1);
  hook.disable();
  expect(resources.filter((type) => type === 'ZLIB')).toHaveLength(1);
});

test('a tag depends on the content alone', async () => {
  await using same = await startServer({ docs: { ...docs, markdown: 'other' } });
  const tag = async (url: string) => (await fetch(url)).headers.get('etag');
  expect(await tag(`${same.url}/docs`)).toBe(await tag(`${server.url}/docs`));
  expect(await tag(`${same.url}/docs.md`)).not.toBe(await tag(`${server.url}/docs.md`));
});

test.each(['/healthz', '/readyz'])('%s is never cached', async (path) => {
  expect((await send(path)).headers).toMatchObject({ 'cache-control': 'no-store' });
});

// @databases none
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../server/config.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient, type HttpClient } from '../helpers/http-client.ts';
import { startMock } from '../helpers/mock.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const origin = 'https://app.example.com';
const apps = '/v1/oauth-apps';
let server: TestServer;
let plain: TestServer;
let open: TestServer;
let http: HttpClient;
beforeAll(async () => {
  server = await startServer({
    corsOrigins: [origin, 'http://localhost:5173'],
    docs: { page: '<p>', markdown: '#', llms: '#' },
  });
  plain = await startServer();
  open = await startServer({ corsOrigins: ['*'] });
  http = createHttpClient(server.url, server.token);
});
afterAll(async () => {
  http.close();
  for (const each of [server, plain, open]) await each[Symbol.asyncDispose]();
});

/** Sends the request that a browser sends before one that is not simple. It has no credentials. */
const preflight = (url: string, path: string, method: string, headers: string, from = origin) =>
  fetch(`${url}${path}`, {
    method: 'OPTIONS',
    headers: { Origin: from, 'Access-Control-Request-Method': method, 'Access-Control-Request-Headers': headers },
  });

describe('a page of an allowed origin', () => {
  test.each([
    [apps, 'POST', 'authorization,content-type,idempotency-key'],
    [`${apps}/x`, 'PATCH', 'authorization,content-type,if-match'],
    [`${apps}/x`, 'GET', 'authorization,if-none-match'],
    [`${apps}/x`, 'DELETE', 'authorization,if-match'],
  ])('may send %s %s', async (path, method, names) => {
    const response = await preflight(server.url, path, method, names);
    expect([response.status, await response.text()]).toEqual([204, '']);
    const { headers } = response;
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('vary')).toBe('Origin');
    expect(headers.get('access-control-allow-methods')?.split(', ')).toContain(method);
    const allowed = headers.get('access-control-allow-headers')?.toLowerCase().split(', ');
    for (const name of names.split(',')) expect(allowed).toContain(name);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('may read every response, errors too', async () => {
    const own = { headers: { Origin: origin } };
    const created = await http.send(`POST ${apps}`, { ...own, body: example('CreateOAuthApp') });
    const responses = [
      created,
      await http.send(`POST ${apps}`, { ...own, body: {} }),
      await http.send(`GET ${apps}`, { ...own, token: 'wrong' }),
      await http.send(`GET ${apps}/none`, own),
      await http.send(`PUT ${apps}`, own),
      await http.send(`GET ${apps}/${created.json.id}`, {
        headers: { ...own.headers, 'If-None-Match': String(created.headers.etag) },
      }),
    ];
    expect(responses.map(({ status }) => status)).toEqual([200, 422, 401, 404, 405, 304]);
    for (const { headers } of responses) {
      expect(headers['access-control-allow-origin']).toBe(origin);
      expect(headers['access-control-expose-headers']).toMatch(/ETag.*Retry-After.*X-Request-Id/);
      expect(headers.vary).toBe('Origin');
    }
  });
});

describe('a page of another origin', () => {
  test.each([
    'https://evil.example',
    'null',
    `${origin}.evil.example`,
    'http://app.example.com',
    `${origin}:8443`,
    origin.toUpperCase(),
  ])('%s is told nothing', async (from) => {
    const response = await preflight(server.url, apps, 'POST', 'authorization', from);
    expect(response.status).toBe(401);
    const { headers } = await http.send(`GET ${apps}`, { headers: { Origin: from } });
    for (const seen of [Object.fromEntries(response.headers), headers])
      expect(Object.keys(seen).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(headers.vary).toBe('Origin');
  });

  test('is told nothing by default', async () => {
    const response = await preflight(plain.url, apps, 'POST', 'authorization');
    expect([
      response.status,
      response.headers.get('access-control-allow-origin'),
      response.headers.get('vary'),
    ]).toEqual([401, null, null]);
  });
});

test('every origin is allowed by a star, unknown paths by none', async () => {
  const response = await preflight(open.url, apps, 'POST', 'authorization', 'https://any.example');
  expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  for (const path of ['/v1/none', '/openapi.json', '/readyz'])
    expect(
      (await preflight(server.url, path, 'GET', 'authorization')).headers.get('access-control-allow-origin'),
    ).toBeNull();
});

test('a plain OPTIONS still needs a token', async () => {
  const options = { method: 'OPTIONS', headers: { Origin: origin } };
  expect((await fetch(`${server.url}${apps}`, options)).status).toBe(401);
  expect((await server.fetch(apps, options)).status).toBe(204);
});

test('the mock lets pages of other origins use it too', async () => {
  await using mock = await startMock();
  const response = await preflight(mock.url, apps, 'POST', 'authorization,content-type,idempotency-key');
  expect(response.status).toBeLessThan(300);
  expect(['*', origin]).toContain(response.headers.get('access-control-allow-origin'));
});

describe('CORS_ORIGINS', () => {
  test.each([
    'app.example.com',
    'https://app.example.com/',
    'https://a.example https://b.example',
    'https://*.example.com/x',
    'https://*.example.com',
    ',',
  ])('rejects %s', (CORS_ORIGINS) => {
    expect(() => readConfig({ CORS_ORIGINS })).toThrow(ConfigError);
    expect(() => readConfig({ CORS_ORIGINS })).toThrow(/^CORS_ORIGINS must be origins such as/);
  });

  test('takes origins and a star', () => {
    expect(readConfig({ CORS_ORIGINS: `${origin}, http://localhost:5173` }).corsOrigins).toEqual([
      origin,
      'http://localhost:5173',
    ]);
    expect(readConfig({ CORS_ORIGINS: '*' }).corsOrigins).toEqual(['*']);
    expect(readConfig({ CORS_ORIGINS: '' }).corsOrigins).toBeUndefined();
  });
});

test('no response is sniffed, and the docs are framed nowhere', async () => {
  const responses = [
    await http.send(`GET ${apps}`),
    await http.send(`GET ${apps}`, { token: '' }),
    await http.send('GET /v1/none'),
    await http.send('GET /openapi.json'),
    await http.send('GET /readyz'),
    await http.send('GET /docs'),
  ];
  for (const { headers } of responses) expect(headers['x-content-type-options']).toBe('nosniff');
  const { headers } = responses[5] as (typeof responses)[number];
  expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  expect([headers['x-frame-options'], headers['referrer-policy']]).toEqual(['DENY', 'no-referrer']);
});

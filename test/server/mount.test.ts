// @databases none
/** Tests of the app inside another Express app: under a path, behind middleware and before other routes. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { describe, expect, test } from 'vitest';
import { example } from '../helpers/examples.ts';
import { listProblemDefects } from '../helpers/problems.ts';
import { sendRawRequest } from '../helpers/raw-requests.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const docs = { page: '<html></html>', markdown: '# The API', llms: '# Where to read' };
const newApp = example('CreateOAuthApp');

/** Starts an Express app that mounts the API. */
async function serveIn(assemble: (host: Express, api: Express) => void) {
  const api: TestServer = await startServer({ docs });
  const host = express();
  assemble(host, api.app);
  const server = createServer(host).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    api,
    call: (path: string, init: RequestInit = {}) =>
      fetch(url + path, {
        redirect: 'manual',
        ...init,
        headers: { Authorization: `Bearer ${api.token}`, 'Content-Type': 'application/json', ...init.headers },
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await api[Symbol.asyncDispose]();
    },
  };
}

const create = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) });

describe('mounted under a path the app', () => {
  test('serves operations, pages and problems there', async () => {
    await using host = await serveIn((app, api) => app.use('/sequin', api));
    const { id } = (await (await host.call('/sequin/v1/oauth-apps', create(newApp))).json()) as { id: string };
    expect((await host.call(`/sequin/v1/oauth-apps/${id}`)).status).toBe(200);
    expect((await host.call('/sequin/')).headers.get('location')).toBe('/sequin/docs');
    expect((await fetch(`${host.url}/sequin/docs`)).status).toBe(200);
    const problem = await host.call('/sequin/v1/oauth-apps?unknown=1');
    expect([problem.status, await problem.json()]).toMatchObject([
      422,
      { validation_errors: { unknown: [expect.any(String)] } },
    ]);
    expect((await host.call('/v1/oauth-apps')).status).toBe(404);
  });
});

describe('mounted before other routes the app', () => {
  test.each(['app', 'router'] as const)('passes on unknown paths, in an Express %s', async (kind) => {
    await using host = await serveIn((app, api) => {
      if (kind === 'app') app.use(api);
      else
        app.use(
          '/',
          express.Router().use((req, res, next) => api(req, res, next)),
        );
      app.get('/mine', (_req, res) => void res.send('mine'));
    });
    expect(await (await fetch(`${host.url}/mine`)).text()).toBe('mine');
    expect((await fetch(`${host.url}/v1/oauth-apps`)).status).toBe(401);
    expect((await fetch(`${host.url}/nowhere`)).status).toBe(404);
  });
});

describe('mounted behind middleware the app', () => {
  const parsers = { json: express.json(), text: express.text({ type: '*/*' }), raw: express.raw({ type: '*/*' }) };

  test.each(Object.keys(parsers) as (keyof typeof parsers)[])(
    'validates a body that express.%s has read',
    async (name) => {
      await using host = await serveIn((app, api) => app.use(parsers[name]).use(api));
      const created = await host.call('/v1/oauth-apps', create(newApp));
      expect([created.status, await created.json()]).toMatchObject([200, { metadata: { custom_property: 42 } }]);
      const invalid = await host.call('/v1/oauth-apps', create({ ...newApp, name: 'a\u0000' }));
      expect([invalid.status, await invalid.json()]).toMatchObject([
        422,
        { validation_errors: { name: expect.any(Array) } },
      ]);
      const large = await host.call('/v1/oauth-apps', create({ ...newApp, name: 'x'.repeat(70_000) }));
      expect(large.status).toBe(413);
      // express.json turns an empty body into an empty object.
      const empty = await host.call('/v1/oauth-apps', { method: 'POST', body: '' });
      expect(empty.status).toBe(name === 'json' ? 422 : 400);
    },
  );

  test('keeps headers of the host', async () => {
    await using host = await serveIn((app, api) => {
      app.use((_req, res, next) => {
        res.setHeader('X-Host', 'yes');
        next();
      });
      app.use(api);
    });
    const response = await host.call('/v1/oauth-apps');
    expect([response.status, response.headers.get('x-host')]).toEqual([200, 'yes']);
  });
});

const targets = ['/nowhere', '/docs', '/v1', '/v1/oauth-apps/a/b', '/%ff', '/openapi.json?%', '/v1/oauth-apps#x'];
const malformedTargets = ['http://[x/y', '*', '//[', 'http://h/docs', 'http://h/v1/oauth-apps', '/healthz#a'];

test.each([...targets, ...malformedTargets])('the app alone rejects the target %s with a problem', async (target) => {
  await using server = await startServer();
  const response = await sendRawRequest(server.url, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(listProblemDefects(response)).toEqual([]);
});

test('the app may have the authentication of its host', async () => {
  const scopes = ['read', 'write'] as const;
  const authenticate = async ({ headers }: IncomingMessage) => {
    const accountId = headers['x-session'];
    return typeof accountId === 'string' ? { accountId, tokenId: `session of ${accountId}`, scopes } : undefined;
  };
  await using server = await startServer({ authenticate });
  const call = (session: string | undefined, init: RequestInit = {}) =>
    fetch(`${server.url}/v1/oauth-apps`, {
      ...init,
      headers: { 'Content-Type': 'application/json', ...(session !== undefined && { 'X-Session': session }) },
    });
  expect((await call('acme', create(newApp))).status).toBe(200);
  const listed = await Promise.all(['acme', 'other'].map(async (session) => (await call(session)).json()));
  expect(listed).toMatchObject([{ data: [{ name: newApp.name }] }, { data: [] }]);
  expect((await call(undefined)).status).toBe(401);
  // The tokens of the store are none of this app.
  expect((await server.fetch('/v1/oauth-apps')).status).toBe(401);
});

// @databases none
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createOAuthAppsClient } from '../../client/index.ts';
import { createOAuthAppsBackend, statefulHandlers } from '../../client/msw.ts';
import { trackConnections } from '../../server/http/connections.ts';
import { createSuite } from '../conformance/index.ts';
import { example } from '../helpers/examples.ts';
import { startServer } from '../helpers/server.ts';
import { soak } from '../helpers/soak.ts';

const backend = createOAuthAppsBackend({ tokens: { one: 'first', two: 'second' } });
const server = createServer();
// As the server does: a request that was processed gets its own response, whatever follows it.
const { destroy } = trackConnections(server, async (req, res) => {
  const { method = '', url, headers } = req;
  const body = await buffer(req);
  // No `Request` carries a fragment to a server: a URL that cannot be decoded stands for one with it.
  const request = new Request(`http://127.0.0.1${url?.replaceAll('#', '%')}`, {
    ...{ method, headers: headers as Record<string, string> },
    ...(!['GET', 'HEAD'].includes(method) && { body: new Uint8Array(body) }),
  });
  const response = await backend.fetch(request);
  res.writeHead(response.status, Object.fromEntries(response.headers)).end(Buffer.from(await response.arrayBuffer()));
});
let baseUrl = '';
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  destroy();
});

test('the stateful mock conforms to the contract', async () => {
  const suite = createSuite({ baseUrl, token: 'one', otherToken: 'two', cases: soak(1, 20) });
  const { findings, coveredShare, ...result } = await suite.run();
  console.log(`${suite.cases.length} cases, ${findings.length} findings, coverage ${coveredShare * 100} %`);
  expect(findings.map(({ check, message }: { check: string; message: string }) => `${check}: ${message}`)).toEqual([]);
  expect(coveredShare).toBe(1);
  expect(result.isAborted).toBe(false);
});

const valid = example('CreateOAuthApp');

test('the client works with the stateful mock, directly and by msw', async () => {
  const own = createOAuthAppsBackend();
  const msw = setupServer(...statefulHandlers(own, 'https://api.example.com'));
  msw.listen();
  onTestFinished(() => msw.close());
  const base = { baseUrl: 'https://api.example.com', token: 't' };
  const [direct, mocked] = [createOAuthAppsClient({ ...base, fetch: own.fetch }), createOAuthAppsClient(base)];
  const { id } = await mocked.createOAuthApp({ ...valid, metadata: { a: { b: 1 } } });
  await direct.changeOAuthApp(id, ({ name }) => ({ name: `${name}!` }));
  expect(await mocked.getOAuthApp(id)).toMatchObject({ name: `${valid.name}!`, client_secret: '**********' });
  const { data } = await mocked.listOAuthApps({ metadata: { a: { b: 1 } }, truncate_secrets: false });
  expect(data.map(({ client_secret }) => client_secret)).toEqual([valid.client_secret]);
  own.reset();
  await expect(mocked.getOAuthApp(id)).rejects.toMatchObject({ status: 404 });
});

test('the stateful mock has the words of the server', async () => {
  await using real = await startServer();
  const words = async (
    send: (path: string, init: RequestInit) => Promise<Response>,
    path: string,
    init: RequestInit,
  ) => {
    const response = await send(path, init);
    const { instance: _, ...problem } = (await response.json()) as Record<string, unknown>;
    return [response.status, problem, response.headers.get('allow'), response.headers.get('www-authenticate')];
  };
  const own = createOAuthAppsBackend();
  const headers = { Authorization: 'Bearer t', 'Content-Type': 'application/json' };
  const mock = (path: string, init: RequestInit) =>
    own.fetch(new Request(`https://api.example.com${path}`, { ...init, headers: { ...headers, ...init.headers } }));
  const list = '/v1/oauth-apps';
  const post = (body: unknown): RequestInit => ({
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const cases: [string, RequestInit][] = [
    [`${list}/unknown`, {}],
    [`${list}?provider=myspace`, {}],
    [`${list}?limit=0`, {}],
    [`${list}?limit=1e1`, {}],
    [`${list}?truncate_secrets=yes`, {}],
    [`${list}?metadata=7`, {}],
    [`${list}?metadata=%7B`, {}],
    [`${list}?cursor=x`, {}],
    [list, { method: 'PUT' }],
    [list, post({ ...valid, name: '', extra: 1 })],
    [list, post('{')],
    [list, post({ ...valid, metadata: { big: 'x'.repeat(20_000) } })],
    [list, post('x'.repeat(70_000))],
    [`${list}/x`, { headers: { 'If-None-Match': 'x' } }],
  ];
  for (const [path, init] of cases) {
    expect([path, await words(mock, path, init)]).toEqual([path, await words(real.fetch, path, init)]);
  }
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Metadata } from '../../generated/types.ts';
import { healthStatuses, providers } from '../../generated/values.ts';
import { expectDocumented } from '../helpers/description.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const valid = example('CreateOAuthApp');
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Creates an account with apps. Returns functions that send requests to it. */
async function createAccount(...apps: { name: string; metadata?: Metadata; provider?: (typeof providers)[number] }[]) {
  const token = await server.createToken({ accountId: crypto.randomUUID() });
  const headers = { Authorization: `Bearer ${token}` };
  const send = async (path: string, method: string, body: object) =>
    expect((await server.fetch(path, { method, headers, body: JSON.stringify(body) })).status).toBe(200);
  for (const app of apps) await send('/v1/oauth-apps', 'POST', { ...valid, metadata: undefined, ...app });
  const list = async (query: Record<string, string> = {}) => {
    const response = await server.fetch(`/v1/oauth-apps?${new URLSearchParams(query)}`, { headers });
    const body = (await expectDocumented('listOAuthApps', response)) as never;
    return { status: response.status, body: body as { data: Record<string, unknown>[] }, headers: response.headers };
  };
  const names = async (query: Record<string, string>) => (await list(query)).body.data.map(({ name }) => name);
  return { list, names, send };
}

test('a new account has an empty list', async () => {
  const { list } = await createAccount();
  expect((await list()).body).toEqual({ data: [] });
});

test('all apps of the account are listed, newest last', async () => {
  const apps = Array.from({ length: 30 }, (_, index) => ({ name: `app ${index}` }));
  const { names } = await createAccount(...apps);
  expect(await names({})).toEqual(apps.map(({ name }) => name));
});

test('a list ignores If-None-Match', async () => {
  // `fetch` would add Cache-Control to such a request.
  const http = createHttpClient(server.url, server.token);
  const { status } = await http.send('GET /v1/oauth-apps', { headers: { 'If-None-Match': '*' } });
  http.close();
  expect(status).toBe(200);
});

test('apps of another account are not listed', async () => {
  await createAccount({ name: 'theirs' });
  const { names } = await createAccount({ name: 'ours' });
  expect(await names({})).toEqual(['ours']);
});

test('the provider filter selects one provider', async () => {
  const { names } = await createAccount({ name: 'a', provider: 'github' }, { name: 'b', provider: 'stripe' });
  expect(await names({ provider: 'github' })).toEqual(['a']);
});

test('filters combine with AND', async () => {
  const { names } = await createAccount(
    { name: 'a', provider: 'github', metadata: { x: 1 } },
    { name: 'b', provider: 'github', metadata: { x: 2 } },
    { name: 'c', provider: 'stripe', metadata: { x: 1 } },
  );
  expect(await names({ provider: 'github', metadata: '{"x":1}', 'health.status': 'ok' })).toEqual(['a']);
});

test('the health filter selects by health', async () => {
  const { names } = await createAccount({ name: 'a' });
  expect(await names({ 'health.status': 'ok' })).toEqual(['a']);
  for (const status of healthStatuses.slice(1)) expect(await names({ 'health.status': status })).toEqual([]);
});

describe('the metadata filter matches whole properties by type', () => {
  const metadata = { n: 42, s: '42', t: true, z: null, list: [1, 2], o: { a: 1, b: { c: [] } }, 'a.b': 'dot', é: 'É' };
  test.each([
    ['{}', true],
    ['{"n":42}', true],
    ['{"n":42.0}', true],
    ['{"n":4.2e1,"t":true}', true],
    ['{"n":"42"}', false],
    ['{"s":42}', false],
    ['{"t":1}', false],
    ['{"z":null}', true],
    ['{"missing":null}', false],
    ['{"list":[1,2]}', true],
    ['{"list":[2,1]}', false],
    ['{"list":[1]}', false],
    ['{"o":{"b":{"c":[]},"a":1}}', true],
    ['{"o":{"a":1}}', false],
    ['{"a.b":"dot"}', true],
    ['{"a":{"b":"dot"}}', false],
    ['{"é":"É"}', true],
    ['{"n":42,"missing":1}', false],
  ])('%s: %s', async (filter, isMatch) => {
    const { names } = await createAccount({ name: 'it', metadata });
    expect(await names({ metadata: filter })).toEqual(isMatch ? ['it'] : []);
  });
});

test('a filter follows an update of metadata', async () => {
  const account = await createAccount({ name: 'it', metadata: { old: 1 } });
  const { id } = (await account.list()).body.data[0] as { id: string };
  await account.send(`/v1/oauth-apps/${id}`, 'PATCH', { metadata: { new: 1 } });
  expect(await account.names({ metadata: '{"old":1}' })).toEqual([]);
  expect(await account.names({ metadata: '{"new":1}' })).toEqual(['it']);
});

test('a filter may have either encoding of a space', async () => {
  const metadata = { note: "wow! it's (a, b): *c/d?e@f;g$h=i+j&k [l]" };
  const { names } = await createAccount({ name: 'it', metadata });
  // URLSearchParams encodes a space as +, the client as %20.
  expect(await names({ metadata: JSON.stringify(metadata) })).toEqual(['it']);
  const app = await server.client.createOAuthApp({ ...valid, metadata });
  const { data } = await server.client.listOAuthApps({ metadata });
  expect(data.map(({ id }) => id)).toEqual([app.id]);
});

test.each([
  ['provider', 'myspace', providers.join(', ')],
  ['health.status', 'fine', healthStatuses.join(', ')],
  ['truncate_secrets', 'no', 'boolean'],
  ['truncate_secrets', '0', 'boolean'],
  ['truncate_secrets', '', 'boolean'],
  ['limit', '0', '>= 1'],
  ['limit', '1001', '<= 1000'],
  ['cursor', 'v1.made.up', 'next_cursor'],
  ['metadata', '[]', 'JSON object'],
  ['metadata', '42', 'JSON object'],
  ['metadata', '{x:1}', 'JSON object'],
  ['metadata', '{"a":1,"a":2}', 'twice'],
  ['metadata', '{"a":1e400}', 'double'],
])('%s=%s is rejected with the expected value', async (name, value, expected) => {
  const { list } = await createAccount();
  const { status, body } = await list({ [name]: value });
  expect(status).toBe(422);
  expect(body).toMatchObject({ validation_errors: { [name]: [expect.stringContaining(expected)] } });
});

test('truncate_secrets=false reveals full secrets', async () => {
  const { list } = await createAccount({ name: 'it' });
  const revealed = await list({ truncate_secrets: 'false' });
  expect(revealed.body.data[0]).toMatchObject({ client_secret: valid.client_secret });
  expect(revealed.headers.get('cache-control')).toBe('no-store');
  for (const query of ['{}', '{"truncate_secrets":"true"}']) {
    expect((await list(JSON.parse(query))).body.data[0]).toMatchObject({ client_secret: '**********' });
  }
});

test('full secrets need the scope reveal', async () => {
  const token = await server.createToken({ scopes: ['read', 'write'] });
  const headers = { Authorization: `Bearer ${token}` };
  const response = await server.fetch('/v1/oauth-apps?truncate_secrets=false', { headers });
  expect(response.status).toBe(403);
  expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="reveal"');
});

import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { example } from '../helpers/examples.ts';
import { createHttpClient, type HttpClient, type HttpResponse } from '../helpers/http-client.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const valid = { ...example('CreateOAuthApp'), metadata: { owner: 'theirs', n: 1 } };
const fixedId = '00000000-0000-4000-8000-000000000000';
let server: TestServer;
let ours: HttpClient['send'];
let theirs: HttpClient['send'];
let theirIds: string[];
const close: (() => void)[] = [];
const figures = { compared: 0, different: 0 };
beforeAll(async () => {
  server = await startServer({ newRequestId: () => fixedId });
  const openClient = async (accountId: string) => {
    const http = createHttpClient(server.url, await server.createToken({ accountId }));
    close.push(http.close);
    return http.send;
  };
  ours = await openClient('ours');
  theirs = await openClient('theirs');
  await ours('POST /v1/oauth-apps', { body: example('CreateOAuthApp') });
  theirIds = [];
  for (let count = 0; count < 3; count++) {
    theirIds.push((await theirs('POST /v1/oauth-apps', { body: valid })).json.id);
  }
});
afterAll(async () => {
  console.log(
    `accounts: ${figures.compared} responses compared with those for unknown ids, ${figures.different} different`,
  );
  for (const end of close) end();
  await server[Symbol.asyncDispose]();
});

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** Returns the parts of a response that are the same in every equal response. */
const pickComparable = ({ status, headers: { date, ...headers }, text }: HttpResponse) => ({ status, headers, text });

/** Expects that the response to a foreign id or cursor equals the one to an unknown one. */
function expectEqual(response: HttpResponse, unknown: HttpResponse) {
  figures.compared++;
  if (!isDeepStrictEqual(pickComparable(response), pickComparable(unknown))) figures.different++;
  expect(pickComparable(response)).toEqual(pickComparable(unknown));
}

/** Expects that `work` changes no row. */
async function expectNoChange(work: () => Promise<unknown>) {
  const before = await server.database.dump();
  await work();
  expect(await server.database.dump()).toEqual(before);
}

describe('a foreign id gives the response of an unknown id', () => {
  const tag = { 'If-Match': '"v1"' };
  const all = { 'If-Match': '*' };
  test.each([
    ['GET', {}],
    ['HEAD', {}],
    ['GET', { headers: { 'If-None-Match': '"v1"' } }],
    ['GET', { headers: { 'If-None-Match': '*' } }],
    ['PATCH', { body: { name: 'Ours now' } }],
    ['PATCH', { body: { client_secret: 'ours', metadata: {} } }],
    ['PATCH', { body: {} }],
    ['PATCH', { body: {}, headers: tag }],
    ['PATCH', { body: { name: 'Ours now' }, headers: tag }],
    ['PATCH', { body: { name: 'Ours now' }, headers: all }],
    ['PATCH', { body: { name: 'Ours now' }, headers: { 'If-Match': '"v9"' } }],
    ['DELETE', {}],
    ['DELETE', { headers: tag }],
    ['DELETE', { headers: all }],
    ['DELETE', { headers: { 'If-Match': '"v9"' } }],
  ])('%s %j', async (method, options) => {
    await expectNoChange(async () => {
      const unknown = await ours(`${method} /v1/oauth-apps/${crypto.randomUUID()}`, options);
      expect(unknown.status).toBe(404);
      for (const id of [...theirIds, theirIds[0]?.toUpperCase()]) {
        expectEqual(await ours(`${method} /v1/oauth-apps/${id}`, options), unknown);
      }
    });
  });

  test.each([{ name: '' }, { provider: 'stripe' }, { client_secret: '**' }])(
    'PATCH with the invalid body %j',
    async (body) => {
      const unknown = await ours(`PATCH /v1/oauth-apps/${crypto.randomUUID()}`, { body });
      expect(unknown.status).toBe(422);
      expectEqual(await ours(`PATCH /v1/oauth-apps/${theirIds[0]}`, { body }), unknown);
    },
  );
});

test.each([
  ...['', 'provider=stripe', 'health.status=ok', 'limit=1000', 'truncate_secrets=false'],
  ...['metadata=%7B%7D', 'metadata=%7B%22owner%22%3A%22theirs%22%7D', 'metadata=%7B%22n%22%3A1%7D'],
])('a list with %j shows no foreign app', async (query) => {
  const { status, text } = await ours(`GET /v1/oauth-apps?${query}`);
  expect(status).toBe(200);
  for (const id of theirIds) expect(text).not.toContain(id);
  expect(text).not.toContain('theirs');
});

test('a foreign cursor is rejected like a forged one', async () => {
  const cursor: string = (await theirs('GET /v1/oauth-apps?limit=1')).json.next_cursor;
  expect((await theirs(`GET /v1/oauth-apps?cursor=${cursor}`)).json.data).toHaveLength(2);
  const forged = await ours('GET /v1/oauth-apps?cursor=v1.made.up');
  expect(forged.status).toBe(422);
  await expectNoChange(async () => {
    for (const query of [`cursor=${cursor}`, `limit=1&cursor=${cursor}`, `truncate_secrets=false&cursor=${cursor}`]) {
      expectEqual(await ours(`GET /v1/oauth-apps?${query}`), forged);
    }
  });
});

test('two accounts use the same idempotency key', async () => {
  const headers = { 'Idempotency-Key': 'same-key' };
  const [first, second] = [
    await theirs('POST /v1/oauth-apps', { body: valid, headers }),
    await ours('POST /v1/oauth-apps', { body: valid, headers }),
  ];
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(second.json.id).not.toBe(first.json.id);
  expect((await ours('POST /v1/oauth-apps', { body: valid, headers })).json.id).toBe(second.json.id);
  expect((await theirs('POST /v1/oauth-apps', { body: valid, headers })).json.id).toBe(first.json.id);
  expect((await ours(`GET /v1/oauth-apps/${first.json.id}`)).status).toBe(404);
  const other = { ...valid, name: 'Another body' };
  expect((await ours('POST /v1/oauth-apps', { body: other, headers })).status).toBe(422);
  expect((await theirs('POST /v1/oauth-apps', { body: other, headers })).status).toBe(422);
});

test('two accounts use the same key in parallel', async () => {
  const headers = { 'Idempotency-Key': 'at-once' };
  const responses = await Promise.all(
    [ours, theirs].map((send) => send('POST /v1/oauth-apps', { body: valid, headers })),
  );
  expect(responses.map(({ status }) => status)).toEqual([200, 200]);
  expect(responses[0]?.json.id).not.toBe(responses[1]?.json.id);
});

test('a full account does not limit another account', async () => {
  await using full = await startServer({ store: server.store, maxAppsPerAccount: 1 });
  const create = (token: string) =>
    full.fetch('/v1/oauth-apps', { method: 'POST', body: JSON.stringify(valid), headers: bearer(token) });
  const [first, second] = [await full.createToken({ accountId: 'a' }), await full.createToken({ accountId: 'b' })];
  expect([(await create(first)).status, (await create(first)).status]).toEqual([200, 409]);
  expect((await create(second)).status).toBe(200);
});

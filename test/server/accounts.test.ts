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
  const open = async (accountId: string) => {
    const http = createHttpClient(server.url, await server.createToken({ accountId }));
    close.push(http.close);
    return http.send;
  };
  ours = await open('ours');
  theirs = await open('theirs');
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

/** An response without what differs between any two. */
const bytesOf = ({ status, headers: { date, ...headers }, text }: HttpResponse) => ({ status, headers, text });

/** Holds an response about something foreign to the one about something that does not exist. */
function expectSame(response: HttpResponse, unknown: HttpResponse) {
  figures.compared++;
  if (!isDeepStrictEqual(bytesOf(response), bytesOf(unknown))) figures.different++;
  expect(bytesOf(response)).toEqual(bytesOf(unknown));
}

/** Runs something that must leave every row as it is. */
async function expectNoChange(work: () => Promise<unknown>) {
  const before = await server.database.dump();
  await work();
  expect(await server.database.dump()).toEqual(before);
}

describe('an id of another account responses as an unknown id does', () => {
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
        expectSame(await ours(`${method} /v1/oauth-apps/${id}`, options), unknown);
      }
    });
  });

  test.each([{ name: '' }, { provider: 'stripe' }, { client_secret: '**' }])('a bad change %j', async (body) => {
    const unknown = await ours(`PATCH /v1/oauth-apps/${crypto.randomUUID()}`, { body });
    expect(unknown.status).toBe(422);
    expectSame(await ours(`PATCH /v1/oauth-apps/${theirIds[0]}`, { body }), unknown);
  });
});

test.each([
  ...['', 'provider=stripe', 'health.status=ok', 'limit=1000', 'truncate_secrets=false'],
  ...['metadata=%7B%7D', 'metadata=%7B%22owner%22%3A%22theirs%22%7D', 'metadata=%7B%22n%22%3A1%7D'],
])('a list with %j shows nothing of others', async (query) => {
  const { status, text } = await ours(`GET /v1/oauth-apps?${query}`);
  expect(status).toBe(200);
  for (const id of theirIds) expect(text).not.toContain(id);
  expect(text).not.toContain('theirs');
});

test('a cursor of another account is refused as a made-up one', async () => {
  const cursor: string = (await theirs('GET /v1/oauth-apps?limit=1')).json.next_cursor;
  expect((await theirs(`GET /v1/oauth-apps?cursor=${cursor}`)).json.data).toHaveLength(2);
  const madeUp = await ours('GET /v1/oauth-apps?cursor=v1.made.up');
  expect(madeUp.status).toBe(422);
  await expectNoChange(async () => {
    for (const query of [`cursor=${cursor}`, `limit=1&cursor=${cursor}`, `truncate_secrets=false&cursor=${cursor}`]) {
      expectSame(await ours(`GET /v1/oauth-apps?${query}`), madeUp);
    }
  });
});

test('an idempotency key of another account is unused', async () => {
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

test('two accounts at once take the same key', async () => {
  const headers = { 'Idempotency-Key': 'at-once' };
  const responses = await Promise.all(
    [ours, theirs].map((send) => send('POST /v1/oauth-apps', { body: valid, headers })),
  );
  expect(responses.map(({ status }) => status)).toEqual([200, 200]);
  expect(responses[0]?.json.id).not.toBe(responses[1]?.json.id);
});

test('a full account leaves room in another', async () => {
  await using full = await startServer({ store: server.store, maxAppsPerAccount: 1 });
  const create = (token: string) =>
    full.fetch('/v1/oauth-apps', { method: 'POST', body: JSON.stringify(valid), headers: bearer(token) });
  const [first, second] = [await full.createToken({ accountId: 'a' }), await full.createToken({ accountId: 'b' })];
  expect([(await create(first)).status, (await create(first)).status]).toEqual([200, 409]);
  expect((await create(second)).status).toBe(200);
});

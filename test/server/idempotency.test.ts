import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../helpers/databases.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient, type HttpClient, type HttpResponse } from '../helpers/http-client.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { createDeployment } from '../helpers/server-process.ts';
import { soak } from '../helpers/soak.ts';

const valid = example('CreateOAuthApp');
const create = 'POST /v1/oauth-apps';
const start = Date.parse('2026-01-01T00:00:00Z');
const day = 86_400_000;
let clock = start;
let server: TestServer;
let http: HttpClient;
beforeAll(async () => {
  server = await startServer({ hasWriterThread: true, now: () => new Date(clock) });
  http = createHttpClient(server.url, server.token);
});
afterAll(async () => {
  http.close();
  await server[Symbol.asyncDispose]();
});

const createWithKey = (key: string, body: unknown = valid, token?: string) =>
  http.send(create, { headers: { 'Idempotency-Key': key }, body, token });

/** Returns the parts that the response to a repeated request has in common with the first response. */
const pickComparable = ({ status, headers, text }: HttpResponse) => ({
  status,
  text,
  etag: headers.etag,
  type: headers['content-type'],
});

const countApps = async ({ rows }: TestDatabase = server.database) =>
  Number((await rows(sql`SELECT count(*) AS n FROM oauth_apps`))[0]?.n);

test('fifty parallel creates with one key create one app', async () => {
  await using deployment = await createDeployment();
  const env = { API_TOKEN: 'YOUR_API_TOKEN' };
  await using one = await deployment.startServer(env);
  await using other = await deployment.startServer(env);
  const counts = { created: 0, inFlight: 0 };
  const keys = soak(20, 100);
  for (let index = 0; index < keys; index += 1) {
    const options = { headers: { 'Idempotency-Key': `key-${index}` }, body: { ...valid, name: `app ${index}` } };
    const sent = Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? one : other).send(create, options));
    const responses = await Promise.all(sent);
    const created = responses.filter(({ status }) => status === 200);
    const inFlight = responses.filter(({ status, headers }) => status === 409 && headers['retry-after'] === '1');
    expect(created.length + inFlight.length).toBe(responses.length);
    expect(new Set(created.map(({ text }) => text)).size).toBe(1);
    counts.created += created.length;
    counts.inFlight += inFlight.length;
  }
  const apps = await countApps(deployment.database);
  console.log(
    `idempotency: ${keys} keys × 50 creates on 2 servers: ${apps} apps, ${counts.created} × 200, ${counts.inFlight} × 409`,
  );
  expect(apps).toBe(keys);
});

test('a repeated request gets 409 while the first runs', async () => {
  const before = await countApps();
  const lock = await server.database.lock();
  const first = createWithKey('in-flight');
  // The first request reaches the server before the next ones, and waits for the lock.
  await http.send('GET /v1/oauth-apps/unknown');
  const second = await createWithKey('in-flight');
  await lock[Symbol.asyncDispose]();
  expect(second).toMatchObject({ status: 409, headers: { 'retry-after': '1' } });
  expect(second.json.type).toBe('urn:oauth-apps:problem:request-in-flight');
  const created = await first;
  expect(pickComparable(await createWithKey('in-flight'))).toEqual(pickComparable(created));
  expect(await countApps()).toBe(before + 1);
});

describe('a repeated request gets the first response', () => {
  test('for a body with other white space', async () => {
    const first = await createWithKey('spaced');
    expect(first.status).toBe(200);
    expect(pickComparable(await createWithKey('spaced', JSON.stringify(valid, undefined, 2)))).toEqual(
      pickComparable(first),
    );
  });

  test('stored before a property of the response was required', async () => {
    const first = await createWithKey('upgraded');
    const { health, ...rest } = JSON.parse(first.text);
    const { time: _, ...earlier } = health;
    const db = await server.database.connect();
    const stored = JSON.stringify({ ...rest, health: earlier });
    const { numUpdatedRows } = await db
      .updateTable('idempotency_keys')
      .set({ response: stored })
      .where('response', 'like', `%${rest.id}%`)
      .executeTakeFirstOrThrow();
    expect(numUpdatedRows).toBe(1n);
    expect(pickComparable(await createWithKey('upgraded'))).toEqual(pickComparable(first));
  });

  test('after an update', async () => {
    const first = await createWithKey('updated');
    await server.client.updateOAuthApp(first.json.id, { name: 'New', client_secret: 'new' });
    expect(pickComparable(await createWithKey('updated'))).toEqual(pickComparable(first));
  });

  test('after a delete', async () => {
    const first = await createWithKey('deleted');
    await server.client.deleteOAuthApp(first.json.id);
    const before = await countApps();
    expect(pickComparable(await createWithKey('deleted'))).toEqual(pickComparable(first));
    expect(await countApps()).toBe(before);
  });

  test('until 24 hours have passed', async () => {
    const first = await createWithKey('expiring');
    clock = start + day;
    expect(pickComparable(await createWithKey('expiring'))).toEqual(pickComparable(first));
    clock = start + day + 1_000;
    const later = await createWithKey('expiring');
    clock = start;
    expect(later.status).toBe(200);
    expect(later.json.id).not.toBe(first.json.id);
  });
});

test('a key with another body is rejected', async () => {
  await createWithKey('taken');
  const before = await countApps();
  const { status, json } = await createWithKey('taken', { ...valid, client_secret: 'another' });
  expect({ status, ...json }).toMatchObject({
    status: 422,
    validation_errors: { 'Idempotency-Key': ['must not be used again for another body'] },
  });
  expect(await countApps()).toBe(before);
});

describe('a repeated request is the same JSON value', () => {
  const body = { ...valid, metadata: { b: [1, { y: 1, x: 'é' }], a: null, 10: 1, 2: 2 } };
  const { metadata, ...rest } = body;
  const reversed = Object.fromEntries(Object.entries(rest).reverse());
  const text = JSON.stringify(body);
  test.each([
    ['with its members in another order', JSON.stringify({ metadata, ...reversed })],
    ['with nested members in another order', text.replace('{"y":1,"x":"é"}', '{"x":"é","y":1}')],
    ['with escapes', text.replace('"é"', '"\\u00e9"').replace('"provider"', '"\\u0070rovider"')],
    ['with another spelling of a number', text.replace('[1,', '[1.0e0,')],
  ])('%s', async (name, sent) => {
    const first = await createWithKey(`same-${name.length}`, body);
    expect([first.status, sent === text]).toEqual([200, false]);
    const before = await countApps();
    const again = await createWithKey(`same-${name.length}`, sent);
    expect({ ...again.json, status: again.status }).toEqual({ ...first.json, status: 200 });
    expect(await countApps()).toBe(before);
  });

  test.each([
    ['with items in another order', text.replace('[1,{"y":1,"x":"é"}]', '[{"y":1,"x":"é"},1]')],
    ['with text for a number', text.replace('[1,', '["1",')],
    ['with an empty object left out', JSON.stringify(rest)],
    ['with a member that is null', text.replace(',"a":null', '')],
  ])('and another one %s', async (name, sent) => {
    await createWithKey(`other-${name.length}`, body);
    expect(sent).not.toBe(text);
    expect((await createWithKey(`other-${name.length}`, sent)).status).toBe(422);
  });
});

test('a key is valid in its own account', async () => {
  const ours = await createWithKey('shared');
  const theirs = await createWithKey(
    'shared',
    { ...valid, name: 'Theirs' },
    await server.createToken({ accountId: 'x' }),
  );
  expect(theirs.status).toBe(200);
  expect(theirs.json.id).not.toBe(ours.json.id);
});

describe('an invalid key is rejected', () => {
  test.each([
    ['empty', ''],
    ['256 characters', 'x'.repeat(256)],
    ['a space', 'a b'],
    ['a tab', 'a\tb'],
    ['not ASCII', 'clé'],
    ['two keys', 'a, b'],
  ])('%s', async (_name, key) => {
    const before = await countApps();
    const { status, json } = await createWithKey(key);
    expect(status).toBe(422);
    expect(Object.keys(json.validation_errors)).toEqual(['Idempotency-Key']);
    expect(await countApps()).toBe(before);
  });

  test('a key of 255 characters is valid', async () => {
    expect((await createWithKey('x'.repeat(255))).status).toBe(200);
  });
});

test('a failed create stores no response', async () => {
  expect((await createWithKey('mended', { ...valid, name: '' })).status).toBe(422);
  expect((await createWithKey('mended', { ...valid, metadata: { list: Array(2_001).fill(1) } })).status).toBe(422);
  expect((await createWithKey('mended')).status).toBe(200);

  await using full = await startServer({ store: server.store, keyRing: server.keyRing, maxAppsPerAccount: 1 });
  const headers = { Authorization: `Bearer ${server.token}`, 'Idempotency-Key': 'slot' };
  expect((await full.fetch('/v1/oauth-apps', { method: 'POST', headers, body: JSON.stringify(valid) })).status).toBe(
    409,
  );
  expect((await createWithKey('slot')).status).toBe(200);
});

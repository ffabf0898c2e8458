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
  server = await startServer({ now: () => new Date(clock) });
  http = createHttpClient(server.url, server.token);
});
afterAll(async () => {
  http.close();
  await server[Symbol.asyncDispose]();
});

const createOnce = (key: string, body: unknown = valid, token?: string) =>
  http.send(create, { headers: { 'Idempotency-Key': key }, body, token });

/** All that an response says of the app. */
const summarize = ({ status, headers, text }: HttpResponse) => ({
  status,
  text,
  etag: headers.etag,
  type: headers['content-type'],
});

const countApps = async ({ rows }: TestDatabase = server.database) =>
  Number((await rows(sql`SELECT count(*) AS n FROM oauth_apps`))[0]?.n);

test('fifty parallel creates with one key make one app', async () => {
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

test('a repeat is told to wait while the first is under way', async () => {
  const before = await countApps();
  const lock = await server.database.lock();
  const first = createOnce('in-flight');
  // The first waits for the lock; it got there before this one, on a connection that was made before.
  await http.send('GET /v1/oauth-apps/unknown');
  const second = await createOnce('in-flight');
  await lock[Symbol.asyncDispose]();
  expect(second).toMatchObject({ status: 409, headers: { 'retry-after': '1' } });
  expect(second.json.type).toBe('urn:oauth-apps:problem:request-in-flight');
  const created = await first;
  expect(summarize(await createOnce('in-flight'))).toEqual(summarize(created));
  expect(await countApps()).toBe(before + 1);
});

describe('a repeat gets the first response byte for byte', () => {
  test('at once, however the body is spaced', async () => {
    const first = await createOnce('spaced');
    expect(first.status).toBe(200);
    expect(summarize(await createOnce('spaced', JSON.stringify(valid, undefined, 2)))).toEqual(summarize(first));
  });

  test('after an update', async () => {
    const first = await createOnce('updated');
    await server.client.updateOAuthApp(first.json.id, { name: 'New', client_secret: 'new' });
    expect(summarize(await createOnce('updated'))).toEqual(summarize(first));
  });

  test('after a delete', async () => {
    const first = await createOnce('deleted');
    await server.client.deleteOAuthApp(first.json.id);
    const before = await countApps();
    expect(summarize(await createOnce('deleted'))).toEqual(summarize(first));
    expect(await countApps()).toBe(before);
  });

  test('until 24 hours have passed', async () => {
    const first = await createOnce('expiring');
    clock = start + day;
    expect(summarize(await createOnce('expiring'))).toEqual(summarize(first));
    clock = start + day + 1_000;
    const later = await createOnce('expiring');
    clock = start;
    expect(later.status).toBe(200);
    expect(later.json.id).not.toBe(first.json.id);
  });
});

test('a key with another body is refused', async () => {
  await createOnce('taken');
  const before = await countApps();
  const { status, json } = await createOnce('taken', { ...valid, client_secret: 'another' });
  expect({ status, ...json }).toMatchObject({
    status: 422,
    validation_errors: { 'Idempotency-Key': ['must not be used again for another body'] },
  });
  expect(await countApps()).toBe(before);
});

test('a key belongs to its account', async () => {
  const ours = await createOnce('shared');
  const theirs = await createOnce('shared', { ...valid, name: 'Theirs' }, await server.createToken({ accountId: 'x' }));
  expect(theirs.status).toBe(200);
  expect(theirs.json.id).not.toBe(ours.json.id);
});

describe('a key that is no key is refused', () => {
  test.each([
    ['empty', ''],
    ['256 characters', 'x'.repeat(256)],
    ['a space', 'a b'],
    ['a tab', 'a\tb'],
    ['not ASCII', 'clé'],
    ['two keys', 'a, b'],
  ])('%s', async (_name, key) => {
    const before = await countApps();
    const { status, json } = await createOnce(key);
    expect(status).toBe(422);
    expect(Object.keys(json.validation_errors)).toEqual(['Idempotency-Key']);
    expect(await countApps()).toBe(before);
  });

  test('255 characters are a key', async () => {
    expect((await createOnce('x'.repeat(255))).status).toBe(200);
  });
});

test('a create that fails keeps no response', async () => {
  expect((await createOnce('mended', { ...valid, name: '' })).status).toBe(422);
  expect((await createOnce('mended', { ...valid, metadata: { list: Array(2_001).fill(1) } })).status).toBe(422);
  expect((await createOnce('mended')).status).toBe(200);

  await using full = await startServer({ store: server.store, keyRing: server.keyRing, maxAppsPerAccount: 1 });
  const headers = { Authorization: `Bearer ${server.token}`, 'Idempotency-Key': 'place' };
  expect((await full.fetch('/v1/oauth-apps', { method: 'POST', headers, body: JSON.stringify(valid) })).status).toBe(
    409,
  );
  expect((await createOnce('place')).status).toBe(200);
});

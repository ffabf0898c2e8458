import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../generated/values.ts';
import { example } from '../helpers/examples.ts';
import { generateNearlyValidRequests } from '../helpers/fuzz-requests.ts';
import type { HttpClient, RequestOptions } from '../helpers/http-client.ts';
import { createLoadClient } from '../helpers/load-client.ts';
import { mapInParallel } from '../helpers/parallel.ts';
import { listProblemDefects } from '../helpers/problems.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { soak } from '../helpers/soak.ts';

const valid = example('CreateOAuthApp');
const change = { name: 'Changed', client_secret: 'changed', metadata: { changed: true } };
const usedKey = { 'Idempotency-Key': 'usedKey' };
const figures = { failed: 0, differences: 0 };
let server: TestServer;
let http: HttpClient;
/** A server on the same database with full accounts. */
let full: TestServer;
let id: string;
let readOnly: string;
let foreign: string;
beforeAll(async () => {
  server = await startServer({ hasWriterThread: true });
  full = await startServer({ store: server.store, maxAppsPerAccount: 1 });
  http = createLoadClient(server.url, server.token);
  id = (await http.send('POST /v1/oauth-apps', { body: valid, headers: usedKey })).json.id;
  readOnly = await server.createToken({ scopes: ['read', 'reveal'] });
  foreign = await server.createToken({ accountId: 'foreign' });
});
afterAll(async () => {
  console.log(`failed writes: ${figures.failed} failed, ${figures.differences} with changed rows`);
  http.close();
  await full[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

interface Write extends RequestOptions {
  readonly target: string;
}

/** Reads all rows, without the day on which a token was last used: failed requests use it too. */
async function dumpRows() {
  const { api_tokens: tokens = [], ...tables } = await server.database.dump();
  return { ...tables, tokens: tokens.map(({ last_used_on: _, ...token }) => token) };
}

/** Sends writes, and expects that each fails with one of the statuses and that no row changes. */
async function expectNoChange(writes: readonly Write[], ...statuses: number[]) {
  const before = await dumpRows();
  const responses = await mapInParallel(writes, ({ target, ...options }) =>
    http.send(target.replace('{id}', id), options),
  );
  const after = await dumpRows();
  figures.failed += responses.length;
  if (JSON.stringify(after) !== JSON.stringify(before)) figures.differences++;
  expect(responses.flatMap(listProblemDefects)).toEqual([]);
  for (const { status } of responses) expect(statuses).toContain(status);
  expect(after).toEqual(before);
}

const post = (body: unknown, options: RequestOptions = {}): Write => ({
  target: 'POST /v1/oauth-apps',
  body,
  ...options,
});
const patch = (body: unknown, options: RequestOptions = {}): Write => ({
  ...{ target: 'PATCH /v1/oauth-apps/{id}', body },
  ...options,
});
const remove = (options: RequestOptions = {}): Write => ({ target: 'DELETE /v1/oauth-apps/{id}', ...options });
const everyWrite = (options: RequestOptions = {}) => [post(valid, options), patch(change, options), remove(options)];
const repeat = <T>(count: number, item: (index: number) => T) =>
  Array.from({ length: soak(Math.ceil(count / 5), count) }, (_, index) => item(index));

test('an invalid body changes nothing', async () => {
  const bad = [{ name: '' }, { client_secret: '***' }, { metadata: null }, { provider: 'x' }, { extra: 1 }];
  const bodies = [
    ...bad,
    { name: 'x'.repeat(256) },
    { metadata: { a: '\u0000' } },
    { metadata: { a: 'x'.repeat(17_000) } },
  ];
  const writes = bodies.flatMap((body) => [post({ ...valid, ...body }), patch({ ...change, ...body })]);
  await expectNoChange(repeat(10, () => writes).flat(), 422);
});

test('an almost valid update changes nothing', async () => {
  const bodies = generateNearlyValidRequests().map(({ body }) => body);
  // An update rejects even a valid create, because of its unknown fields.
  const writes = bodies.slice(0, 500).map((body) => patch(body));
  await expectNoChange(writes, 400, 422);
});

test('a malformed body changes nothing', async () => {
  const text = JSON.stringify(valid);
  const truncated = repeat(40, (index) => text.slice(0, index * 3));
  await expectNoChange(
    truncated.flatMap((body) => [post(body), patch(body)]),
    400,
  );
});

test('a wrong content type or size changes nothing', async () => {
  const plain = { headers: { 'Content-Type': 'text/plain' } };
  const writes = [post(valid, plain), patch(change, plain)];
  await expectNoChange(repeat(10, () => writes).flat(), 415);
  const large = ' '.repeat(limits.bodyBytes + 1);
  await expectNoChange(repeat(3, () => [post(large), patch(large)]).flat(), 413);
});

test('an unknown query parameter changes nothing', () =>
  expectNoChange(
    everyWrite().map((write) => ({ ...write, target: `${write.target}?truncate_secrets=true` })),
    422,
  ));

test('a missing, wrong or revoked token changes nothing', () =>
  expectNoChange(
    repeat(20, (index) => ['', 'wrong', `oar_${index}`].flatMap((token) => everyWrite({ token }))).flat(),
    401,
  ));

test('a token without the scope changes nothing', () =>
  expectNoChange(repeat(20, () => everyWrite({ token: readOnly })).flat(), 403));

test('an unknown or foreign id changes nothing', async () => {
  const unknown = [patch(change), remove()].map((write) => ({ ...write, target: `${write.target}x` }));
  const others = [patch(change, { token: foreign }), patch({}, { token: foreign }), remove({ token: foreign })];
  await expectNoChange(repeat(20, () => [...unknown, ...others]).flat(), 404);
});

test('a stale version changes nothing', async () => {
  const tags = ['"v2"', '"v0"', 'W/"v1"', '"1"', '"v2", "v3"', '"v01"', '""'];
  const writes = tags.map((tag) => ({ headers: { 'If-Match': tag } }));
  const all = writes.flatMap((options) => [patch(change, options), patch({}, options), remove(options)]);
  await expectNoChange(repeat(5, () => all).flat(), 412);
});

test('a reused key with another body changes nothing', () =>
  expectNoChange(
    repeat(50, (index) => post({ ...valid, name: `Other ${index}` }, { headers: usedKey })),
    ...[409, 422],
  ));

test('a create in a full account changes nothing', async () => {
  const before = await server.database.dump();
  const create = (index: number) => {
    const headers = {
      Authorization: `Bearer ${server.token}`,
      ...(index % 2 === 0 && { 'Idempotency-Key': `k${index}` }),
    };
    return full.fetch('/v1/oauth-apps', { method: 'POST', body: JSON.stringify(valid), headers });
  };
  const responses = await mapInParallel(
    repeat(50, (index) => index),
    create,
  );
  figures.failed += responses.length;
  for (const { status } of responses) expect(status).toBe(409);
  expect(await server.database.dump()).toEqual(before);
});

test('a write without its audit row is rolled back', async () => {
  const writes = (index: number) => [
    ...everyWrite(),
    post(valid, { headers: { 'Idempotency-Key': `audit-${index}` } }),
  ];
  await server.database.rows(sql`ALTER TABLE audit RENAME TO elsewhere`);
  await expectNoChange(repeat(20, writes).flat(), 500);
  const reveal = { target: 'GET /v1/oauth-apps?truncate_secrets=false' };
  await expectNoChange(
    repeat(5, () => reveal),
    500,
  );
  await server.database.rows(sql`ALTER TABLE elsewhere RENAME TO audit`);
});

test('writes succeed after all failed ones', async () => {
  expect(figures.failed).toBeGreaterThanOrEqual(soak(200, 1_000));
  const { status, headers } = await http.send(`PATCH /v1/oauth-apps/${id}`, {
    body: change,
    headers: { 'If-Match': '"v1"' },
  });
  expect(status).toBe(200);
  expect(headers.etag).toBe('"v2"');
});

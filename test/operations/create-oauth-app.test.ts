import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreateOAuthApp } from '../../generated/types.ts';
import { limits, providers } from '../../generated/values.ts';
import { expectDocumented } from '../helpers/description.ts';
import { example } from '../helpers/examples.ts';
import { resolveSchema } from '../helpers/schemas.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const valid = example('CreateOAuthApp');
const { required = [], properties } = resolveSchema('CreateOAuthApp');
const now = '2026-01-02T03:04:05Z';
const mask = '**********';
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ now: () => new Date(now) });
});
afterAll(() => server[Symbol.asyncDispose]());

async function create(body: unknown) {
  const response = await server.fetch('/v1/oauth-apps', { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: (await expectDocumented('createOAuthApp', response)) as never };
}

test('the response has the submitted fields and a masked secret', async () => {
  const app = await server.client.createOAuthApp(valid);
  expect(app).toMatchObject({ ...valid, client_secret: mask, health: { status: 'ok', notes: [] } });
  expect(app.id).not.toBe(app.client_id);
  expect(app.updated_at).toBe(app.created_at);
  expect(app.created_at).toBe(now);
});

test('omitted metadata becomes an empty object', async () => {
  const app = await server.client.createOAuthApp({ ...valid, metadata: undefined });
  expect(app.metadata).toEqual({});
});

test('two creates with one body create two apps', async () => {
  const [first, second] = [await server.client.createOAuthApp(valid), await server.client.createOAuthApp(valid)];
  expect(first.id).not.toBe(second.id);
});

test.each(providers)('the provider %s is accepted', async (provider) => {
  expect((await server.client.createOAuthApp({ ...valid, provider })).provider).toBe(provider);
});

test('an unknown provider is rejected with the known ones', async () => {
  const { status, body } = await create({ ...valid, provider: 'myspace' });
  expect(status).toBe(422);
  expect(body).toMatchObject({ validation_errors: { provider: [expect.stringContaining(providers.join(', '))] } });
});

test.each(required)('a missing %s is a validation error', async (field) => {
  const { status, body } = await create({ ...valid, [field]: undefined });
  expect(status).toBe(422);
  expect(body).toMatchObject({ validation_errors: { [field]: [`must have required property '${field}'`] } });
});

test('all invalid fields are named in one response', async () => {
  const { body } = await create({});
  expect(Object.keys((body as { validation_errors: object }).validation_errors)).toEqual(required);
});

test.each([...Object.keys(properties)])('null for %s is rejected', async (field) => {
  const { status, body } = await create({ ...valid, [field]: null });
  expect(status).toBe(422);
  expect(body).toMatchObject({ validation_errors: { [field]: expect.anything() } });
});

test.each(['health', 'id', 'constructor', 'toString', 'created_at'])(
  'the unknown field %s is rejected',
  async (field) => {
    const { status, body } = await create({ ...valid, [field]: 'x' });
    expect(status).toBe(422);
    expect(body).toMatchObject({ validation_errors: { [field]: ['must NOT have additional properties'] } });
  },
);

test.each(['*', mask])('the mask %s as a secret is rejected', async (client_secret) => {
  const { status, body } = await create({ ...valid, client_secret });
  expect(status).toBe(422);
  expect(body).toMatchObject({
    validation_errors: { client_secret: ['must not be made only of asterisks and white space'] },
  });
});

describe('text has the documented length', () => {
  const texts = Object.entries(properties).flatMap(([field, { minLength, maxLength }]) =>
    maxLength === undefined ? [] : [{ field, minLength: minLength ?? 0, maxLength }],
  );
  test.each(texts)('$field: $minLength to $maxLength characters', async ({ field, minLength, maxLength }) => {
    expect(minLength).toBe(1);
    expect((await create({ ...valid, [field]: '' })).status).toBe(422);
    expect((await create({ ...valid, [field]: '😀'.repeat(maxLength) })).status).toBe(200);
    expect((await create({ ...valid, [field]: '😀'.repeat(maxLength + 1) })).status).toBe(422);
  });
});

describe('metadata has the documented size', () => {
  const nest = (levels: number): object => (levels === 1 ? {} : { a: nest(levels - 1) });
  const { bytes, depth, values } = limits.metadata;
  const cases: [string, CreateOAuthApp['metadata'], number][] = [
    ['the deepest', nest(depth) as never, 200],
    ['one level deeper', nest(depth + 1) as never, 422],
    ['the most values', { list: Array(values - 1).fill(1) }, 200],
    ['one value more', { list: Array(values).fill(1) }, 422],
    ['the longest', { text: 'x'.repeat(bytes - '{"text":""}'.length) }, 200],
    ['one byte longer', { text: 'x'.repeat(bytes + 1 - '{"text":""}'.length) }, 422],
  ];
  test.each(cases)('%s', async (_name, metadata, expected) => {
    const { status, body } = await create({ ...valid, metadata });
    expect(status).toBe(expected);
    if (status === 422) expect(body).toMatchObject({ validation_errors: { metadata: [expect.any(String)] } });
    else expect(body).toMatchObject({ metadata });
  });
});

test('a validation problem contains no submitted value', async () => {
  const canary = 'canary-5f1d';
  const { status, body } = await create({
    provider: canary,
    client_id: [canary],
    client_secret: { a: canary },
    name: 7,
  });
  expect(status).toBe(422);
  expect(JSON.stringify(body)).not.toContain(canary);
});

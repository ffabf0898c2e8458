import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectDocumented } from '../helpers/description.ts';
import { example } from '../helpers/examples.ts';
import { resolveSchema } from '../helpers/schemas.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const valid = { ...example('CreateOAuthApp'), metadata: { custom_property: 42, nested: { kept: true } } };
const changeable = Object.keys(resolveSchema('UpdateOAuthApp').properties);
const foreign = [...Object.keys(resolveSchema('OAuthApp').properties), 'unknown'].filter(
  (name) => !changeable.includes(name),
);
let server: TestServer;
let clock = new Date('2026-01-01T00:00:00Z');
beforeAll(async () => {
  server = await startServer({ now: () => clock });
});
afterAll(() => server[Symbol.asyncDispose]());

async function patch(id: string, body: unknown) {
  const response = await server.fetch(`/v1/oauth-apps/${id}`, { method: 'PATCH', body: JSON.stringify(body) });
  return { status: response.status, body: await expectDocumented('updateOAuthApp', response) };
}

const advanceClock = () => {
  clock = new Date(clock.getTime() + 5_000);
};

test('only fields of the body are replaced', async () => {
  const created = await server.client.createOAuthApp(valid);
  advanceClock();
  const updated = await server.client.updateOAuthApp(created.id, { name: 'New name' });
  expect(updated).toEqual({ ...created, name: 'New name', updated_at: expect.not.stringMatching(created.updated_at) });
  expect(await server.client.getOAuthApp(created.id)).toEqual(updated);
});

test('metadata is replaced as a whole', async () => {
  const { id } = await server.client.createOAuthApp(valid);
  const { metadata } = await server.client.updateOAuthApp(id, { metadata: { other: [] } });
  expect(metadata).toEqual({ other: [] });
});

test('a new secret is stored and masked in the response', async () => {
  const { id } = await server.client.createOAuthApp(valid);
  const updated = await server.client.updateOAuthApp(id, { client_secret: 'new-secret' });
  expect(updated.client_secret).toBe('**********');
  const { data } = await server.client.listOAuthApps({ truncate_secrets: false });
  expect(data.find((app) => app.id === id)?.client_secret).toBe('new-secret');
});

test('an empty object succeeds and changes nothing', async () => {
  const created = await server.client.createOAuthApp(valid);
  advanceClock();
  expect(await server.client.updateOAuthApp(created.id, {})).toEqual(created);
});

test.each(foreign)('the field %s is rejected in an update', async (field) => {
  const created = await server.client.createOAuthApp(valid);
  const { status, body } = await patch(created.id, { name: 'Not taken', [field]: 'x' });
  expect(status).toBe(422);
  expect(body).toMatchObject({ validation_errors: { [field]: ['must NOT have additional properties'] } });
  expect(await server.client.getOAuthApp(created.id)).toEqual(created);
});

test.each(changeable)('null for %s is rejected', async (field) => {
  const { id } = await server.client.createOAuthApp(valid);
  const { status, body } = await patch(id, { [field]: null });
  expect(status).toBe(422);
  expect(body).toMatchObject({ validation_errors: { [field]: expect.anything() } });
});

test('the mask as a secret is rejected', async () => {
  const created = await server.client.createOAuthApp(valid);
  const { status } = await patch(created.id, { client_secret: created.client_secret });
  expect(status).toBe(422);
});

test("another account's app cannot be changed", async () => {
  const created = await server.client.createOAuthApp(valid);
  const headers = { Authorization: `Bearer ${await server.createToken({ accountId: 'other' })}` };
  const init = { method: 'PATCH', headers, body: '{"name":"Mine"}' };
  expect((await server.fetch(`/v1/oauth-apps/${created.id}`, init)).status).toBe(404);
  expect(await server.client.getOAuthApp(created.id)).toEqual(created);
});

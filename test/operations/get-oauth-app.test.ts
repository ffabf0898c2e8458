import { expect, test } from 'vitest';
import { example } from '../helpers/examples.ts';
import { startServer } from '../helpers/server.ts';

const valid = example('CreateOAuthApp');

test('the response equals that of the create', async () => {
  await using server = await startServer();
  const created = await server.client.createOAuthApp(valid);
  expect(await server.client.getOAuthApp(created.id)).toEqual(created);
});

test('the masked secret always has ten asterisks', async () => {
  await using server = await startServer();
  for (const client_secret of ['x', 'x'.repeat(4096)]) {
    const { id } = await server.client.createOAuthApp({ ...valid, client_secret });
    expect((await server.client.getOAuthApp(id)).client_secret).toBe('**********');
  }
});

test('unknown, malformed and foreign ids get the same bytes', async () => {
  await using server = await startServer({ newRequestId: () => '00000000-0000-4000-8000-000000000000' });
  const { id } = await server.client.createOAuthApp(valid);
  const headers = { Authorization: `Bearer ${await server.createToken({ accountId: 'other' })}` };
  const bodies = [];
  for (const path of [id, crypto.randomUUID(), 'no-uuid', '%F0%9F%98%80', 'a%2Fb', "'%20or%201=1"]) {
    const response = await server.fetch(`/v1/oauth-apps/${path}`, { headers });
    expect(response.status).toBe(404);
    bodies.push(await response.text());
  }
  expect(new Set(bodies).size).toBe(1);
});

test('truncate_secrets is rejected as an unknown parameter', async () => {
  await using server = await startServer();
  const { id } = await server.client.createOAuthApp(valid);
  const response = await server.fetch(`/v1/oauth-apps/${id}?truncate_secrets=false`);
  expect(response.status).toBe(422);
  expect(await response.text()).not.toContain(valid.client_secret);
});

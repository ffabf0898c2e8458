import { expect, test } from 'vitest';
import { example } from '../helpers/examples.ts';
import { startServer } from '../helpers/server.ts';

const valid = example('CreateOAuthApp');

test('a deleted app is unknown to every operation', async () => {
  await using server = await startServer();
  const { id } = await server.client.createOAuthApp(valid);
  const other = await server.client.createOAuthApp(valid);
  expect(await server.client.deleteOAuthApp(id)).toEqual({ id, deleted: true });
  await expect(server.client.getOAuthApp(id)).rejects.toMatchObject({ status: 404 });
  await expect(server.client.updateOAuthApp(id, { name: 'x' })).rejects.toMatchObject({ status: 404 });
  await expect(server.client.deleteOAuthApp(id)).rejects.toMatchObject({ status: 404 });
  expect((await server.client.listOAuthApps()).data).toEqual([other]);
  expect((await server.client.listOAuthApps({ metadata: '{"custom_property":42}' })).data).toEqual([other]);
});

test("another account's app cannot be deleted", async () => {
  await using server = await startServer();
  const created = await server.client.createOAuthApp(valid);
  const headers = { Authorization: `Bearer ${await server.createToken({ accountId: 'other' })}` };
  const init = { method: 'DELETE', headers };
  expect((await server.fetch(`/v1/oauth-apps/${created.id}`, init)).status).toBe(404);
  expect(await server.client.getOAuthApp(created.id)).toEqual(created);
});

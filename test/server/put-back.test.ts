import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { auditedOperations } from '../../server/commands/keys-check.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { startServer } from '../helpers/server.ts';

test('a whole row that is put back is told apart by the audit', async () => {
  await using server = await startServer();
  const { store, database } = server;
  const { rows } = database;
  const http = createHttpClient(server.url, server.token);
  const create = async (name: string) =>
    (await http.send('POST /v1/oauth-apps', { body: { ...example('CreateOAuthApp'), name, client_secret: name } })).json
      .id as string;
  const [rolledBack, whole, deleted] = [await create('one'), await create('two'), await create('three')];
  await rows(sql`CREATE TABLE saved AS SELECT * FROM oauth_apps`);
  const columns = sql`name, client_secret, secret_key_id, secret_version, metadata, updated_at, version`;
  const putBack = async () => (await store.listPutBack(auditedOperations)).map(({ id }) => id);
  for (const id of [rolledBack, whole]) {
    await http.send(`PATCH /v1/oauth-apps/${id}`, { body: { client_secret: 'new' } });
    await http.send(`PATCH /v1/oauth-apps/${id}`, { body: {} });
  }
  expect(await putBack()).toEqual([]);
  const saved = sql`(SELECT ${columns} FROM saved WHERE id = ${rolledBack})`;
  await rows(sql`UPDATE oauth_apps SET (${columns}) = ${saved} WHERE id = ${rolledBack}`);
  // A response cannot tell: every part of the row agrees.
  const { json } = await http.send('GET /v1/oauth-apps?truncate_secrets=false');
  expect(json.data[0]).toMatchObject({ client_secret: 'one', health: { status: 'ok' } });
  expect(await putBack()).toEqual([rolledBack]);

  await http.send(`DELETE /v1/oauth-apps/${deleted}`);
  const all = sql`id, account_id, provider, client_id, created_at, ${columns}`;
  await rows(sql`INSERT INTO oauth_apps (${all}) SELECT ${all} FROM saved WHERE id = ${deleted}`);
  expect(await putBack()).toEqual([rolledBack, deleted]);
  // A restore raises every version, and may bring back what was deleted since the backup.
  await rows(sql`UPDATE oauth_apps SET version = version + 1000000`);
  const entry = { at: '', accountId: '-', tokenId: '-', requestId: '-', operation: 'restore', fields: [] };
  await store.addAudit(entry);
  expect(await putBack()).toEqual([]);
  http.close();
});

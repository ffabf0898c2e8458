// @databases postgres
/** An import carries the records of every resource, their secrets and all that the next create needs. */
import { expect, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { openStore } from '../../server/store/open-store.ts';
import { transferInstallation } from '../../server/store/transfer/transfer.ts';
import { type Account, openAccount, targetFor } from '../helpers/accounts.ts';
import { createDatabase, createStoreDatabase } from '../helpers/databases.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { startServer } from '../helpers/server.ts';
import { resources, type TestedResource } from '../resources.ts';

const secretKeys = makeKeyLine(new Date('2026-01-01T00:00:00Z'));

/** Lists the records of an account. */
async function list(account: Account, resource: TestedResource) {
  const { status, text } = await account.send(await targetFor(account, resource.operation('list')));
  return { status, text };
}

test('records of every resource are imported, and the next is created', async () => {
  await using file = await createDatabase('sqlite');
  await using database = await createStoreDatabase();
  const store = await openStore(file.url, { hasWriterThread: false });
  let [url, token] = ['', ''];
  const send: Account['send'] = async (target, options = {}) => {
    const http = createHttpClient(url, options.token ?? token);
    return http.send(target, options).finally(() => http.close());
  };
  const before = await (async () => {
    await using server = await startServer({ store, secretKeys });
    [url, token] = [server.url, server.token];
    const account = await openAccount(server, { send });
    for (const resource of resources) await account.createMany(resource, 2);
    return { account, lists: await Promise.all(resources.map((resource) => list(account, resource))) };
  })();
  await store.close();
  await transferInstallation(file.url, database.url, () => {});
  await using server = await startServer({ database, secretKeys });
  url = server.url;
  const { account, lists } = before;
  expect(lists.map(({ status }) => status)).toEqual(resources.map(() => 200));
  expect(await Promise.all(resources.map((resource) => list(account, resource)))).toEqual(lists);
  for (const resource of resources) expect((await account.create(resource)).status).toBe(200);
});

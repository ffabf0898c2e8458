import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withDeadline } from '../../server/store/deadline.ts';
import { openStore } from '../../server/store/open-store.ts';
import { StoreUnavailable } from '../../server/store/store.ts';
import { createDatabase } from '../helpers/databases.ts';
import { example } from '../helpers/examples.ts';
import { startFaultyProxy } from '../helpers/faulty-proxy.ts';
import { startServer } from '../helpers/server.ts';

const budgetMilliseconds = 300;
const token = { id: 't1', accountId: 'acme', hash: 'h1', scopes: ['read'], createdAt: '2026-01-01T00:00:00Z' };
const audit = { at: '', accountId: 'acme', tokenId: 't1', requestId: 'r1', operation: 'deleteOAuthApp', fields: [] };

async function openHeldStore() {
  const database = await createDatabase();
  const proxy = await startFaultyProxy(database.url);
  const store = await openStore(proxy.url, { poolSize: 1 });
  return {
    ...{ database, proxy, store },
    async [Symbol.asyncDispose]() {
      await store.close();
      proxy[Symbol.dispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

test('a connection whose time was over is never used again', async () => {
  await using held = await openHeldStore();
  const { proxy, store, database } = held;
  await store.addToken(token);
  proxy.hold();
  const start = performance.now();
  const late = withDeadline(budgetMilliseconds, () => store.deleteApp('acme', 'x', { audit }));
  await expect(late).rejects.toThrow(StoreUnavailable);
  const milliseconds = Math.round(performance.now() - start);
  // The transaction begins now that nobody waits for it. What comes next must not become a part of it.
  proxy.letGo();
  await delay(50);
  expect(await store.revokeToken('t1', '2026-02-01T00:00:00Z')).toBe(true);
  await using fresh = { store: await openStore(database.url), [Symbol.asyncDispose]: () => fresh.store.close() };
  expect(await fresh.store.findToken('h1')).toMatchObject({ revokedAt: '2026-02-01T00:00:00Z' });
  console.log(`time budget: ${budgetMilliseconds} ms, over after ${milliseconds} ms`);
  expect(milliseconds).toBeLessThan(budgetMilliseconds + 2_000);
});

test('all calls of a request share its time', async () => {
  await using held = await openHeldStore();
  const { proxy, store } = held;
  const start = performance.now();
  await withDeadline(budgetMilliseconds, async () => {
    proxy.hold();
    await expect(store.deleteApp('acme', 'x', { audit })).rejects.toThrow(StoreUnavailable);
    await expect(store.findToken('h1')).rejects.toThrow(StoreUnavailable);
  });
  expect(performance.now() - start).toBeLessThan(budgetMilliseconds + 2_000);
  proxy.letGo();
  expect(await store.findToken('h1')).toBeUndefined();
});

test('a request with a body has its time too', async () => {
  await using held = await openHeldStore();
  await using server = await startServer({ store: held.store });
  held.proxy.hold();
  const start = performance.now();
  const body = JSON.stringify(example('CreateOAuthApp'));
  const { status, headers } = await server.fetch('/v1/oauth-apps', { method: 'POST', body });
  const milliseconds = Math.round(performance.now() - start);
  console.log(`time budget: a create whose transaction never begins got ${status} after ${milliseconds} ms`);
  expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  expect(milliseconds).toBeLessThan(5_000);
});

// @databases postgres
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { millisecondsLeft, startClock, withDeadline } from '../../server/store/deadline.ts';
import { openStore } from '../../server/store/open-store.ts';
import { StoreUnavailable } from '../../server/store/store.ts';
import { createStoreDatabase } from '../helpers/databases.ts';
import { example } from '../helpers/examples.ts';
import { startFaultyProxy } from '../helpers/faulty-proxy.ts';
import { startServer } from '../helpers/server.ts';
import { isSoak } from '../helpers/soak.ts';

const deadlineMilliseconds = 300;
const token = { id: 't1', accountId: 'acme', hash: 'h1', scopes: ['read'], createdAt: '2026-01-01T00:00:00Z' };
const audit = { at: '', accountId: 'acme', tokenId: 't1', requestId: 'r1', operation: 'deleteOAuthApp', fields: [] };

async function openStoreBehindProxy() {
  const database = await createStoreDatabase();
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

test('a connection past its deadline is never reused', async () => {
  await using opened = await openStoreBehindProxy();
  const { proxy, store, database } = opened;
  await store.addToken(token);
  proxy.delayTransactions();
  // Nothing but the deadline ends this call, because its transaction is held.
  const late = withDeadline(deadlineMilliseconds, () => store.deleteApp('acme', 'x', { audit }));
  await expect(late).rejects.toThrow(StoreUnavailable);
  // The delayed transaction begins now, after its deadline. The next statement must not become part of it.
  proxy.releaseTransactions();
  await delay(50);
  expect(await store.revokeToken('t1', '2026-02-01T00:00:00Z')).toBe(true);
  await using fresh = { store: await openStore(database.url), [Symbol.asyncDispose]: () => fresh.store.close() };
  expect(await fresh.store.findToken('h1')).toMatchObject({ revokedAt: '2026-02-01T00:00:00Z' });
});

test('all store calls of a request share one deadline', async () => {
  await using opened = await openStoreBehindProxy();
  const { proxy, store } = opened;
  await withDeadline(deadlineMilliseconds, async () => {
    proxy.delayTransactions();
    await expect(store.addToken({ ...token, hash: 'h2' })).rejects.toThrow(StoreUnavailable);
    // The first call has used the whole deadline, so that this one is not even sent.
    startClock();
    expect(millisecondsLeft()).toBe(0);
    await expect(store.findToken('h1')).rejects.toThrow(StoreUnavailable);
  });
  proxy.releaseTransactions();
  expect(await store.findToken('h1')).toBeUndefined();
});

test('a request with a body has a deadline too', async () => {
  await using opened = await openStoreBehindProxy();
  await using server = await startServer({ store: opened.store });
  opened.proxy.delayTransactions();
  const start = performance.now();
  const body = JSON.stringify(example('CreateOAuthApp'));
  const { status, headers } = await server.fetch('/v1/oauth-apps', { method: 'POST', body });
  const milliseconds = Math.round(performance.now() - start);
  console.log(`deadline: a create whose transaction never begins got ${status} after ${milliseconds} ms`);
  expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  if (isSoak) expect(milliseconds).toBeLessThan(5_000);
});

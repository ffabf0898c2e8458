/** Cases of stored responses. */
import type { StoreResponse } from '../../../server/store/store.ts';
import { expectEqual } from '../check.ts';
import { audit, listIds, makeApp, makeOptions, readAudit, type StoreTest } from '../records.ts';

const response: StoreResponse = { key: 'k', fingerprint: 'k1.f', response: '{}', expiredAt: '2025-12-31T00:00:00Z' };
const again: StoreResponse = { ...response, fingerprint: 'k1.g', response: '{"other":1}' };
const known = { fingerprint: 'k1.f', response: '{}' };

export const idempotencyCases: Readonly<Record<string, StoreTest>> = {
  async 'a repeated create gets the stored response'({ store }) {
    const create = (idempotency: StoreResponse, maxApps = 100) =>
      store.createApp(makeApp(), makeOptions({ idempotency, maxApps }));
    expectEqual('createApp', await create(response), 'created');
    expectEqual('createApp again', await create(again), known);
    expectEqual('createApp again in a full account', await create(again, 1), known);
    expectEqual('listApps', (await listIds(store)).length, 1);
    expectEqual('listAudit', (await readAudit(store)).length, 1);
  },

  async 'the keys of accounts are separate'({ store }) {
    await store.createApp(makeApp(), makeOptions({ idempotency: response }));
    const options = makeOptions({ idempotency: again, audit: { ...audit, accountId: 'other' } });
    const result = await store.createApp(makeApp({ account_id: 'other' }), options);
    expectEqual('createApp under the key of another account', result, 'created');
  },

  async 'a response from before its expiry is replaced'({ store }) {
    await store.createApp(makeApp(), makeOptions({ idempotency: response }));
    const later = { ...again, expiredAt: '2026-01-02T00:00:00Z' };
    const app = makeApp({ created_at: '2026-01-03T00:00:00Z' });
    expectEqual('createApp', await store.createApp(app, makeOptions({ idempotency: later })), 'created');
    const repeated = await store.createApp(makeApp(), makeOptions({ idempotency: later }));
    expectEqual('createApp again', repeated, { fingerprint: again.fingerprint, response: again.response });
  },

  async 'a create in a full account stores no response'({ store }) {
    const create = (maxApps: number) => store.createApp(makeApp(), makeOptions({ idempotency: response, maxApps }));
    expectEqual('createApp', await create(0), 'full');
    expectEqual('createApp with room', await create(1), 'created');
  },

  async 'creates at once under one key make one app'({ store }) {
    const creates = Array.from({ length: 8 }, () => store.createApp(makeApp(), makeOptions({ idempotency: response })));
    const results = await Promise.all(creates);
    const created = results.filter((result) => result === 'created');
    expectEqual('createApp eight times at once', created.length, 1);
    for (const result of results) if (result !== 'created') expectEqual('createApp at once', result, known);
    expectEqual('listApps', (await listIds(store)).length, 1);
  },

  async 'responses are counted by key and removed by age'({ store }) {
    const create = (key: string, fingerprint: string, created_at: string) =>
      store.createApp(makeApp({ created_at }), makeOptions({ idempotency: { ...response, key, fingerprint } }));
    await create('a', 'k1.f', '2026-01-01T00:00:00Z');
    await create('b', 'k1.f', '2026-01-02T00:00:00Z');
    await create('c', 'k10.f', '2026-01-03T00:00:00Z');
    expectEqual("countResponsesUnderOtherKeys('k1')", await store.countResponsesUnderOtherKeys('k1'), 1);
    expectEqual("countResponsesUnderOtherKeys('k2')", await store.countResponsesUnderOtherKeys('k2'), 3);
    expectEqual('purgeResponses', await store.purgeResponses('2026-01-02T00:00:00Z'), 1);
    expectEqual('purgeResponses again', await store.purgeResponses('2026-01-02T00:00:00Z'), 0);
    expectEqual("countResponsesUnderOtherKeys('k2')", await store.countResponsesUnderOtherKeys('k2'), 2);
  },
};

/** Cases of the whole store: facts, counters, restart and failure. */
import { type Store, StoreUnavailable } from '../../../server/store/store.ts';
import { expectEqual, expectRejection, expectThat } from '../check.ts';
import { audit, changeOf, createApps, makeApp, makeOptions, makeToken, readAudit, type StoreTest } from '../records.ts';
import { createOptions, type RecordKind, recordKinds } from '../table-records.ts';

/** Calls of every method that asks the database. */
function callsOf(store: Store, id: string): Readonly<Record<string, () => Promise<unknown>>> {
  const token = makeToken({ id: 't9', hash: 'h9' });
  return {
    ping: () => store.ping(),
    createApp: () => store.createApp(makeApp(), makeOptions()),
    findApp: () => store.findApp('acme', id),
    listApps: () => store.listApps('acme'),
    revealApps: () => store.revealApps('acme', {}, { audit, open: (app) => app }),
    updateApp: () => store.updateApp('acme', id, changeOf(), { audit }),
    deleteApp: () => store.deleteApp('acme', id, { audit }),
    addToken: () => store.addToken(token),
    addFirstToken: () => store.addFirstToken(token, audit),
    takeSlot: () => store.takeSlot({ ...token, slot: 'S' }, audit),
    findToken: () => store.findToken('h1'),
    listTokens: () => store.listTokens(),
    revokeToken: () => store.revokeToken('t1', audit.at),
    recordUse: () => store.recordUse('t1', '2026-01-01'),
    listAudit: () => readAudit(store),
    listPutBack: () => store.listPutBack({ updates: ['u'], deletes: ['d'], restore: 'r' }),
    addAudit: () => store.addAudit(audit),
    thinAudit: () => store.thinAudit(audit.at, 0, audit),
    countSealedUnderOtherKeys: () => store.countSealedUnderOtherKeys('k'),
    countByKey: () => store.countByKey(),
    listSecrets: () => store.listSecrets({ limit: 1 }),
    newestSecrets: () => store.newestSecrets(1),
    resealBatch: () => store.resealBatch('new', { limit: 1 }, () => undefined),
    purgeResponses: () => store.purgeResponses(audit.at),
    countResponsesUnderOtherKeys: () => store.countResponsesUnderOtherKeys('k'),
    readFacts: () => store.readFacts(''),
    addFacts: () => store.addFacts(new Map([['x', '1']])),
  };
}

/** Calls of every method for the records of a table. */
function recordCallsOf(store: Store, { method, open, make, changeOf }: RecordKind) {
  const records = open(store);
  return {
    [`${method}.create`]: () => records.create(make(), createOptions()),
    [`${method}.find`]: () => records.find('acme', 'x'),
    [`${method}.list`]: () => records.list('acme', {}),
    [`${method}.reveal`]: () => records.reveal('acme', {}, { audit, open: () => '' }),
    [`${method}.update`]: () => records.update('acme', 'x', changeOf(), { audit }),
    [`${method}.delete`]: () => records.delete('acme', 'x', { audit }),
  };
}

export const installationCases: Readonly<Record<string, StoreTest>> = {
  async 'a fact that is there stays as it is'({ store }) {
    const before = await store.readFacts('test.');
    expectEqual('readFacts of an empty store', before, new Map());
    await store.addFacts(new Map(Object.entries({ 'test.a': '1', 'test.b': '2', 'tests.c': '3' })));
    await store.addFacts(new Map(Object.entries({ 'test.a': '9', 'test.d': '4' })));
    const expected = new Map(Object.entries({ 'test.a': '1', 'test.b': '2', 'test.d': '4' }));
    expectEqual('readFacts', await store.readFacts('test.'), expected);
  },

  async 'requests over the limit of a token wait'({ store }) {
    const count = await store.countRequests(2);
    const milliseconds = [await count('t1'), await count('t1'), await count('t1')];
    expectEqual('countRequests within the limit', milliseconds.slice(0, 2), [0, 0]);
    const wait = milliseconds[2] ?? 0;
    expectThat('countRequests', wait > 0 && wait <= 60_000, 'over the limit, a token waits up to a minute');
    expectEqual('countRequests of another token', await count('t2'), 0);
  },

  async 'an idle store responds and has no load'({ store }) {
    await store.ping();
    expectEqual('load', store.load().writes, 0);
    expectThat('notices', Array.isArray(store.notices), 'it is a list of sentences');
  },
};

/** Cases that close the store and open its records again. */
export const reopenCases: Readonly<Record<string, StoreTest>> = {
  async 'all records survive a restart'({ store, reopen }) {
    const app = makeApp();
    const idempotency = { key: 'k', fingerprint: 'k.f', response: '{}', expiredAt: '2025-01-01T00:00:00Z' };
    await store.createApp(app, makeOptions({ properties: ['p1'], idempotency, maxApps: 1 }));
    await store.addToken(makeToken());
    await store.addFacts(new Map([['test.a', '1']]));
    const made = recordKinds.map((kind) => ({ kind, record: kind.make({ account_id: 'other' }) }));
    for (const { kind, record } of made) await kind.open(store).create(record, createOptions());
    const opened = await reopen();
    for (const { kind, record } of made) {
      expectEqual(`${kind.method}.find`, await kind.open(opened).find('other', record.id), record);
    }
    expectEqual('listApps', (await opened.listApps('acme', { filter: { properties: ['p1'] } })).apps, [app]);
    expectEqual('findToken', await opened.findToken('h1'), makeToken());
    expectEqual('listAudit', await readAudit(opened), [audit, ...made.map(() => audit)]);
    expectEqual('readFacts', await opened.readFacts('test.'), new Map([['test.a', '1']]));
    expectEqual('createApp', await opened.createApp(makeApp(), makeOptions({ maxApps: 1 })), 'full');
    const repeated = await opened.createApp(makeApp(), makeOptions({ idempotency }));
    expectEqual('createApp again', repeated, { fingerprint: 'k.f', response: '{}' });
  },
};

/** Cases that make the store unable to respond. */
export const disconnectCases: Readonly<Record<string, StoreTest>> = {
  async 'a store that cannot respond rejects every call'({ store, disconnect }) {
    const [app] = await createApps(store, [{}]);
    await disconnect();
    const calls = Object.assign(
      callsOf(store, app?.id ?? ''),
      ...recordKinds.map((kind) => recordCallsOf(store, kind)),
    );
    for (const [method, call] of Object.entries<() => Promise<unknown>>(calls)) {
      const error = await expectRejection(`${method} of a store that cannot respond`, call);
      const isRight = error instanceof StoreUnavailable || (error as Error).name === 'StoreUnavailable';
      expectThat(method, isRight, 'a store that cannot respond rejects with StoreUnavailable');
    }
  },
};

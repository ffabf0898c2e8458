/** Cases of single apps: what is stored, by whom it is seen, and which write changes it. */
import { expectEqual, expectRejection, expectThat } from '../check.ts';
import { audit, changeOf, createApps, listIds, makeApp, makeOptions, readAudit, type StoreTest } from '../records.ts';

export const appCases: Readonly<Record<string, StoreTest>> = {
  async 'a stored app equals the created one'({ store }) {
    const app = makeApp({ name: "it's \u2028 \ud83d\ude00 \\ %", metadata: '{ "b" : 1.0, "__proto__": {} }' });
    expectEqual('createApp', await store.createApp(app, makeOptions()), 'created');
    expectEqual('findApp', await store.findApp('acme', app.id), app);
    expectEqual('listApps', await store.listApps('acme'), { apps: [app] });
  },

  async 'an account never sees the apps of another'({ store }) {
    const [app] = await createApps(store, [{}]);
    const id = app?.id ?? '';
    const reveal = { audit: { ...audit, accountId: 'other' }, open: (found: { id: string }) => found.id };
    expectEqual('findApp', await store.findApp('other', id), undefined);
    expectEqual('listApps', await listIds(store, {}, 'other'), []);
    expectEqual('revealApps', (await store.revealApps('other', {}, reveal)).apps, []);
    expectEqual('updateApp', await store.updateApp('other', id, changeOf({ name: 'New' }), { audit }), 'missing');
    expectEqual('deleteApp', await store.deleteApp('other', id, { audit }), 'missing');
    expectEqual('findApp', await store.findApp('acme', id), app);
  },

  async 'an unknown id has no app'({ store }) {
    await createApps(store, [{}]);
    for (const id of ['unknown', '', '__proto__', 'constructor', 'toString', '%', '😀']) {
      expectEqual(`findApp(${JSON.stringify(id)})`, await store.findApp('acme', id), undefined);
      expectEqual(`listApps of account ${JSON.stringify(id)}`, (await store.listApps(id)).apps, []);
    }
  },

  async 'a second app with the same id is rejected whole'({ store }) {
    const [app] = await createApps(store, [{}]);
    const idempotency = { key: 'k', fingerprint: 'k.f', response: '{}', expiredAt: '2025-01-01T00:00:00Z' };
    const twin = makeApp({ id: app?.id ?? '', name: 'Twin' });
    await expectRejection('createApp with a known id', () =>
      store.createApp(twin, makeOptions({ maxApps: 2, properties: ['p'], idempotency })),
    );
    expectEqual('findApp after a rejected create', await store.findApp('acme', twin.id), app);
    expectEqual('listAudit after a rejected create', await readAudit(store), [audit]);
    const next = makeApp();
    const options = makeOptions({ maxApps: 2, idempotency });
    expectEqual('createApp after a rejected create', await store.createApp(next, options), 'created');
    expectEqual('listApps after a rejected create', await listIds(store, { filter: { properties: ['p'] } }), []);
  },

  async 'an update replaces its fields and increments the version'({ store }) {
    const app = makeApp();
    await store.createApp(app, makeOptions({ properties: ['p1'] }));
    const change = { name: 'New', updated_at: '2026-01-02T00:00:00Z' };
    const expected = { ...app, ...change, version: 2 };
    expectEqual('updateApp', await store.updateApp('acme', app.id, changeOf(change), { audit }), expected);
    expectEqual('findApp after updateApp', await store.findApp('acme', app.id), expected);
    expectEqual('updateApp keeps properties', await listIds(store, { filter: { properties: ['p1'] } }), [app.id]);
    const metadata = changeOf({ metadata: '{}', properties: ['p2'] });
    await store.updateApp('acme', app.id, metadata, { audit, versions: [1, 2] });
    expectEqual('updateApp replaces properties', await listIds(store, { filter: { properties: ['p1'] } }), []);
    expectEqual('updateApp adds properties', await listIds(store, { filter: { properties: ['p2'] } }), [app.id]);
  },

  async 'a record that was read stays as it was'({ store }) {
    const [app] = await createApps(store, [{}]);
    const [read, listed] = [await store.findApp('acme', app?.id ?? ''), await store.listApps('acme')];
    await store.updateApp('acme', app?.id ?? '', changeOf({ name: 'New' }), { audit });
    expectEqual('updateApp changes a record of findApp', read, app);
    expectEqual('updateApp changes a record of listApps', listed.apps, [app]);
  },

  async 'a write without a matching app changes nothing'({ store }) {
    const [app] = await createApps(store, [{}]);
    const id = app?.id ?? '';
    const change = changeOf({ name: 'New' });
    const write = { audit, versions: [2, 3] };
    expectEqual('updateApp of no app', await store.updateApp('acme', 'unknown', change, { audit }), 'missing');
    expectEqual('updateApp at other versions', await store.updateApp('acme', id, change, write), 'changed');
    const none = { audit, versions: [] };
    expectEqual('updateApp at no version', await store.updateApp('acme', id, change, none), 'changed');
    expectEqual('deleteApp at other versions', await store.deleteApp('acme', id, write), 'changed');
    expectEqual('findApp', await store.findApp('acme', id), app);
    expectEqual('listAudit', await readAudit(store), [audit]);
  },

  async 'a deleted app is gone and frees its slot'({ store }) {
    const app = makeApp();
    const one = makeOptions({ maxApps: 1 });
    await store.createApp(app, makeOptions({ properties: ['p1'], maxApps: 1 }));
    expectEqual('createApp in a full account', await store.createApp(makeApp(), one), 'full');
    expectEqual('deleteApp', await store.deleteApp('acme', app.id, { audit, versions: [1] }), 'deleted');
    expectEqual('deleteApp again', await store.deleteApp('acme', app.id, { audit }), 'missing');
    expectEqual('findApp of a deleted app', await store.findApp('acme', app.id), undefined);
    expectEqual('listApps by property', await listIds(store, { filter: { properties: ['p1'] } }), []);
    expectEqual('createApp in a freed account', await store.createApp(makeApp(), one), 'created');
  },

  async 'an account that may hold no app gets none'({ store }) {
    expectEqual('createApp', await store.createApp(makeApp(), makeOptions({ maxApps: 0 })), 'full');
    expectEqual('listApps', await listIds(store), []);
  },

  async 'creates at once never exceed the quota'({ store }) {
    const results = await Promise.all(
      Array.from({ length: 12 }, () => store.createApp(makeApp(), makeOptions({ maxApps: 5 }))),
    );
    expectEqual('createApp twelve times at once', results.filter((result) => result === 'created').length, 5);
    expectEqual('listApps', (await listIds(store)).length, 5);
    expectEqual('listAudit', (await readAudit(store)).length, 5);
  },

  async 'one of several updates at the same version succeeds'({ store }) {
    const [app] = await createApps(store, [{}]);
    const names = Array.from({ length: 8 }, (_, index) => `name ${index}`);
    const results = await Promise.all(
      names.map((name) => store.updateApp('acme', app?.id ?? '', changeOf({ name }), { audit, versions: [1] })),
    );
    const written = results.filter((result) => typeof result === 'object');
    expectEqual('updateApp eight times at once', written.length, 1);
    expectEqual('findApp', await store.findApp('acme', app?.id ?? ''), written[0]);
  },

  async 'updates at once are all written'({ store }) {
    const [app] = await createApps(store, [{}]);
    const updates = Array.from({ length: 8 }, () =>
      store.updateApp('acme', app?.id ?? '', changeOf({ name: 'New' }), { audit }),
    );
    const versions = (await Promise.all(updates)).map((result) => (typeof result === 'object' ? result.version : 0));
    expectEqual('updateApp eight times at once', versions.sort(), [2, 3, 4, 5, 6, 7, 8, 9]);
    expectThat('listAudit', (await readAudit(store)).length === 9, 'every write has its audit entry');
  },
};

import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../server/store/open-store.ts';
import { type AppRecord, StoreTooNew } from '../../server/store/store.ts';
import { stores } from '../helpers/stores.ts';

let counter = 0;
const app = (change: Partial<AppRecord> = {}): AppRecord => ({
  id: `app-${++counter}`,
  accountId: 'acme',
  provider: 'stripe',
  name: 'Name é😀',
  clientId: 'client',
  sealedSecret: 'v1.k.iv.ct.tag',
  secretKeyId: 'k',
  metadata: '{"b":1,"a":[1.5,null]}',
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  version: 1,
  ...change,
});
const token = { id: 't1', accountId: 'acme', hash: 'h1', scopes: ['read', 'write'], createdAt: '2026-01-01T00:00:00Z' };

describe.each(stores)('$name', ({ open }) => {
  test('an app comes back exactly as it was created', async () => {
    await using opened = await open();
    const created = app();
    await opened.store.createApp(created, []);
    expect(await opened.store.findApp('acme', created.id)).toEqual(created);
    expect(await opened.store.findApp('other', created.id)).toBeUndefined();
  });

  test('apps are listed in the order of creation', async () => {
    await using opened = await open();
    const apps = Array.from({ length: 25 }, () => app());
    for (const created of apps) await opened.store.createApp(created, []);
    await opened.store.updateApp('acme', apps[3]?.id ?? '', { name: 'x', updatedAt: '2026-01-02T00:00:00Z' });
    const ids = (await opened.store.listApps('acme', {})).map(({ id }) => id);
    expect(ids).toEqual(apps.map(({ id }) => id));
  });

  test('filters by provider, key and properties combine', async () => {
    await using opened = await open();
    const { store } = opened;
    const [a, b, c] = [app(), app({ provider: 'github' }), app({ secretKeyId: 'old' })];
    await store.createApp(a, ['p1', 'p2']);
    await store.createApp(b, ['p1']);
    await store.createApp(c, []);
    const ids = async (filter: object) => (await store.listApps('acme', filter)).map(({ id }) => id);
    expect(await ids({ provider: 'github' })).toEqual([b.id]);
    expect(await ids({ secretKeyId: { in: ['old'] } })).toEqual([c.id]);
    expect(await ids({ secretKeyId: { in: [] } })).toEqual([]);
    expect(await ids({ secretKeyId: { notIn: ['old'] } })).toEqual([a.id, b.id]);
    expect(await ids({ properties: ['p1'] })).toEqual([a.id, b.id]);
    expect(await ids({ properties: ['p1', 'p2'], provider: 'stripe' })).toEqual([a.id]);
  });

  test('an update replaces what it names and counts', async () => {
    await using opened = await open();
    const created = app();
    await opened.store.createApp(created, ['p1']);
    const change = { name: 'New', updatedAt: '2026-01-02T00:00:00Z' };
    expect(await opened.store.updateApp('acme', created.id, change)).toEqual({ ...created, ...change, version: 2 });
    expect(await opened.store.listApps('acme', { properties: ['p1'] })).toHaveLength(1);
    await opened.store.updateApp('acme', created.id, { metadata: '{}', properties: ['p2'], updatedAt: '' });
    expect(await opened.store.listApps('acme', { properties: ['p1'] })).toHaveLength(0);
    expect(await opened.store.updateApp('other', created.id, change)).toBeUndefined();
  });

  test('a deleted app is gone with its properties', async () => {
    await using opened = await open();
    const { store } = opened;
    const created = app();
    await store.createApp(created, ['p1']);
    expect(await store.deleteApp('other', created.id)).toBe(false);
    expect(await store.deleteApp('acme', created.id)).toBe(true);
    expect(await store.deleteApp('acme', created.id)).toBe(false);
    expect(await store.listApps('acme', { properties: ['p1'] })).toEqual([]);
  });

  test('a create that fails half-way leaves nothing', async () => {
    await using opened = await open();
    const { store } = opened;
    const created = app();
    await expect(store.createApp(created, ['twice', 'twice'])).rejects.toThrow();
    expect(await store.findApp('acme', created.id)).toBeUndefined();
  });

  test('two thousand properties are kept', async () => {
    await using opened = await open();
    const { store } = opened;
    const properties = Array.from({ length: 2_000 }, (_, index) => `p${index}`);
    await store.createApp(app(), properties);
    expect(await store.listApps('acme', { properties: ['p0', 'p1999'] })).toHaveLength(1);
  });

  test('a token is found by its hash only', async () => {
    await using opened = await open();
    const { store } = opened;
    expect(await store.hasToken()).toBe(false);
    await store.addToken(token);
    expect(await store.hasToken()).toBe(true);
    expect(await store.findToken('h1')).toEqual(token);
    expect(await store.findToken('h2')).toBeUndefined();
    await expect(store.addToken({ ...token, id: 't2' })).rejects.toThrow();
  });

  test('everything survives a restart', async () => {
    await using opened = await open();
    const created = app();
    await opened.store.createApp(created, ['p1']);
    await opened.store.addToken(token);
    await opened.reopen();
    expect(await opened.store.listApps('acme', { properties: ['p1'] })).toEqual([created]);
    expect(await opened.store.findToken('h1')).toEqual(token);
  });
});

test('sqlite: a newer database is refused', async () => {
  await using opened = await (stores[0] as (typeof stores)[0]).open();
  using database = new DatabaseSync(opened.url.slice('sqlite:'.length));
  database.exec("INSERT INTO kysely_migration VALUES ('9999-from-the-future', '2099-01-01')");
  await expect(openStore(opened.url)).rejects.toThrow(StoreTooNew);
});

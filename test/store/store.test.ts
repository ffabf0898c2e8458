import { sql } from 'kysely';
import { describe, expect, inject, test } from 'vitest';
import { openStore } from '../../server/store/open-store.ts';
import {
  type AppFilter,
  type AppPage,
  type AppRecord,
  type AuditEntry,
  type CreateOptions,
  type Envelope,
  type ListOptions,
  type SealedSecret,
  type Store,
  StoreTooNew,
} from '../../server/store/store.ts';
import { plainApp } from '../helpers/app-records.ts';
import { changeOf, openFreshStore } from './fresh-store.ts';

let counter = 0;
const makeApp = (change: Partial<AppRecord> = {}): AppRecord => ({
  ...plainApp,
  id: `app-${++counter}`,
  account_id: 'acme',
  name: 'Name é😀',
  client_id: 'client',
  client_secret: 'v1.k.iv.ct.tag' as Envelope,
  metadata: '{"b":1,"a":[1.5,null]}',
  ...change,
});
const audit: AuditEntry = {
  at: '2026-01-01T00:00:00.000Z',
  accountId: 'acme',
  tokenId: 't1',
  requestId: 'r1',
  operation: 'createOAuthApp',
  fields: ['name', 'client_secret'],
};
const makeOptions = (change: Partial<CreateOptions> = {}): CreateOptions => ({
  properties: [],
  maxApps: 100,
  audit,
  ...change,
});
const token = { id: 't1', accountId: 'acme', hash: 'h1', scopes: ['read', 'write'], createdAt: '2026-01-01T00:00:00Z' };

async function listIds(store: Store, options?: ListOptions): Promise<string[]> {
  return (await store.listApps('acme', options)).apps.map(({ id }) => id);
}

async function readAudit(store: Store, filter = {}): Promise<AuditEntry[]> {
  const entries = [];
  for await (const entry of store.listAudit(filter)) entries.push(entry);
  return entries;
}

describe(`the store on ${inject('store')}`, () => {
  test('a stored app equals the created one', async () => {
    await using opened = await openFreshStore();
    const created = makeApp();
    expect(await opened.store.createApp(created, makeOptions())).toBe('created');
    expect(await opened.store.findApp('acme', created.id)).toEqual(created);
    expect(await opened.store.findApp('other', created.id)).toBeUndefined();
  });

  test('apps are listed in the order of creation', async () => {
    await using opened = await openFreshStore();
    const apps = Array.from({ length: 25 }, () => makeApp());
    for (const created of apps) await opened.store.createApp(created, makeOptions());
    await opened.store.updateApp(
      'acme',
      apps[3]?.id ?? '',
      changeOf({ name: 'x', updated_at: '2026-01-02T00:00:00Z' }),
      { audit },
    );
    expect(await listIds(opened.store)).toEqual(apps.map(({ id }) => id));
  });

  test('pages contain every app once', async () => {
    await using opened = await openFreshStore();
    const apps = Array.from({ length: 25 }, () => makeApp());
    for (const created of apps) await opened.store.createApp(created, makeOptions());
    const seen: string[] = [];
    for (let after: number | undefined = 0; after !== undefined; ) {
      const page: AppPage = await opened.store.listApps('acme', { after, limit: 5 });
      seen.push(...page.apps.map(({ id }) => id));
      expect(page.apps.length).toBe(5);
      after = page.next;
    }
    expect(seen).toEqual(apps.map(({ id }) => id));
  });

  test('filters by provider, key and properties combine', async () => {
    await using opened = await openFreshStore();
    const { store } = opened;
    const [a, b, c] = [makeApp(), makeApp({ provider: 'github' }), makeApp({ secret_key_id: 'old' })];
    await store.createApp(a, makeOptions({ properties: ['p1', 'p2'] }));
    await store.createApp(b, makeOptions({ properties: ['p1'] }));
    await store.createApp(c, makeOptions());
    const ids = (filter: AppFilter) => listIds(store, { filter });
    expect(await ids({ provider: 'github' })).toEqual([b.id]);
    expect(await ids({ secret_key_id: { in: ['old'] } })).toEqual([c.id]);
    expect(await ids({ secret_key_id: { in: [] } })).toEqual([]);
    expect(await ids({ secret_key_id: { notIn: ['old'] } })).toEqual([a.id, b.id]);
    expect(await ids({ properties: ['p1'] })).toEqual([a.id, b.id]);
    expect(await ids({ properties: ['p1', 'p2'], provider: 'stripe' })).toEqual([a.id]);
  });

  test('an update replaces its fields and increments the version', async () => {
    await using opened = await openFreshStore();
    const { store } = opened;
    const created = makeApp();
    await store.createApp(created, makeOptions({ properties: ['p1'] }));
    const change = { name: 'New', updated_at: '2026-01-02T00:00:00Z' };
    const updated = await store.updateApp('acme', created.id, changeOf(change), { audit });
    expect(updated).toEqual({ ...created, ...change, version: 2 });
    expect(await listIds(store, { filter: { properties: ['p1'] } })).toEqual([created.id]);
    await store.updateApp('acme', created.id, changeOf({ metadata: '{}', properties: ['p2'], updated_at: '' }), {
      audit,
    });
    expect(await listIds(store, { filter: { properties: ['p1'] } })).toEqual([]);
  });

  test('a write without a matching app changes nothing', async () => {
    await using opened = await openFreshStore();
    const { store } = opened;
    const created = makeApp();
    await store.createApp(created, makeOptions());
    const change = changeOf({ name: 'New', updated_at: '' });
    expect(await store.updateApp('other', created.id, change, { audit })).toBe('missing');
    expect(await store.updateApp('acme', created.id, change, { audit, versions: [2, 3] })).toBe('changed');
    expect(await store.updateApp('acme', created.id, change, { audit, versions: [] })).toBe('changed');
    expect(await store.deleteApp('other', created.id, { audit })).toBe('missing');
    expect(await store.deleteApp('acme', created.id, { audit, versions: [2] })).toBe('changed');
    expect(await store.findApp('acme', created.id)).toEqual(created);
    expect(await readAudit(store)).toHaveLength(1);
  });

  test('a deleted app frees its slot', async () => {
    await using opened = await openFreshStore();
    const { store } = opened;
    const created = makeApp();
    await store.createApp(created, makeOptions({ properties: ['p1'], maxApps: 1 }));
    expect(await store.createApp(makeApp(), makeOptions({ maxApps: 1 }))).toBe('full');
    expect(await store.deleteApp('acme', created.id, { audit, versions: [1] })).toBe('deleted');
    expect(await store.deleteApp('acme', created.id, { audit })).toBe('missing');
    expect(await store.createApp(makeApp(), makeOptions({ maxApps: 1 }))).toBe('created');
  });

  test('a failed create leaves no rows', async () => {
    await using opened = await openFreshStore();
    const { store } = opened;
    const created = makeApp();
    const idempotency = { key: 'k', fingerprint: 'f', response: '{}', expiredAt: '2025-01-01T00:00:00Z' };
    await expect(
      store.createApp(created, makeOptions({ properties: ['twice', 'twice'], idempotency })),
    ).rejects.toThrow();
    expect(await store.findApp('acme', created.id)).toBeUndefined();
    expect(await store.createApp(created, makeOptions({ maxApps: 1, idempotency }))).toBe('created');
    expect(await readAudit(store)).toHaveLength(1);
  });

  test('a repeated create gets the stored response until it expires', async () => {
    await using opened = await openFreshStore();
    const { store } = opened;
    const idempotency = { key: 'k', fingerprint: 'f', response: '{}', expiredAt: '2025-12-31T00:00:00Z' };
    expect(await store.createApp(makeApp(), makeOptions({ idempotency }))).toBe('created');
    const again = { ...idempotency, fingerprint: 'g', response: '{"other":1}' };
    expect(await store.createApp(makeApp(), makeOptions({ idempotency: again }))).toEqual({
      fingerprint: 'f',
      response: '{}',
    });
    expect(await listIds(store)).toHaveLength(1);
    const other = { idempotency, audit: { ...audit, accountId: 'other' } };
    expect(await store.createApp(makeApp({ account_id: 'other' }), makeOptions(other))).toBe('created');
    const later = { ...again, expiredAt: '2026-01-02T00:00:00Z' };
    expect(await store.createApp(makeApp(), makeOptions({ idempotency: later }))).toBe('created');
  });

  test('two thousand properties are stored', async () => {
    await using opened = await openFreshStore();
    const properties = Array.from({ length: 2_000 }, (_, index) => `p${index}`);
    await opened.store.createApp(makeApp(), makeOptions({ properties }));
    expect(await listIds(opened.store, { filter: { properties: ['p0', 'p1999'] } })).toHaveLength(1);
  });

  test('a token is found by its hash and can be revoked once', async () => {
    await using opened = await openFreshStore();
    const { store } = opened;
    await store.addToken(token);
    expect(await store.findToken('h1')).toEqual(token);
    expect(await store.findToken('h2')).toBeUndefined();
    await expect(store.addToken({ ...token, id: 't2' })).rejects.toThrow();
    expect(await store.revokeToken('t1', '2026-02-01T00:00:00Z')).toBe(true);
    expect(await store.revokeToken('t1', '2026-03-01T00:00:00Z')).toBe(false);
    expect(await store.listTokens()).toEqual([{ ...token, revokedAt: '2026-02-01T00:00:00Z' }]);
    expect(await store.listTokens('other')).toEqual([]);
  });

  test('the audit is listed by account and time', async () => {
    await using opened = await openFreshStore();
    const { store } = opened;
    const later = { ...audit, at: '2026-02-01T00:00:00.000Z', accountId: 'other', appId: 'x', fields: [] };
    await store.createApp(makeApp(), makeOptions());
    await store.createApp(makeApp({ account_id: 'other' }), makeOptions({ audit: later }));
    const reveal = { ...audit, operation: 'listOAuthApps' };
    await store.revealApps('acme', {}, { audit: reveal, open: ({ id }) => id });
    expect(await readAudit(store, { accountId: 'acme' })).toEqual([audit, reveal]);
    expect(await readAudit(store, { since: '2026-01-15T00:00:00.000Z' })).toEqual([later]);
  });

  test('a reveal returns opened secrets with one audit row', async () => {
    await using opened = await openFreshStore();
    const { store } = opened;
    const apps = [makeApp(), makeApp({ provider: 'github' }), makeApp()];
    for (const created of apps) await store.createApp(created, makeOptions());
    const open = ({ client_secret, provider }: AppRecord) => `${provider} ${client_secret}`;
    const reveal = { ...audit, operation: 'listOAuthApps' };
    const page = await store.revealApps('acme', { limit: 2 }, { audit: reveal, open });
    expect(page).toEqual({ apps: apps.slice(0, 2).map(open), next: expect.any(Number) });
    expect((await readAudit(store)).slice(apps.length)).toEqual([reveal]);
  });

  // On PostgreSQL the change and the reveal may be in either order.
  test.runIf(inject('store') === 'sqlite')(
    'a reveal shows no secret that was replaced before its audit row',
    async () => {
      await using opened = await openFreshStore();
      const { store } = opened;
      const created = makeApp();
      await store.createApp(created, makeOptions());
      let update: Promise<unknown> | undefined;
      const open = ({ client_secret }: AppRecord) => {
        // The first time, a change reaches the writer before the reveal does.
        update ??= store.updateApp('acme', created.id, replaced, { audit });
        return client_secret;
      };
      const sealed = { client_secret: 'v1.new' as Envelope, secret_key_id: 'new', secret_version: 'b' };
      const replaced = changeOf({ ...sealed, updated_at: '' });
      expect(await store.revealApps('acme', {}, { audit, open })).toEqual({ apps: ['v1.new'], next: undefined });
      expect(await update).toMatchObject(sealed);
      expect(await readAudit(store)).toHaveLength(3);
    },
  );

  test('a reveal that fails leaves no audit row', async () => {
    await using opened = await openFreshStore();
    const { store } = opened;
    await store.createApp(makeApp(), makeOptions());
    await store.createApp(makeApp(), makeOptions());
    const opening: string[] = [];
    const open = ({ id }: AppRecord) => {
      if (opening.push(id) === 2) throw new Error('does not open');
      return id;
    };
    await expect(store.revealApps('acme', {}, { audit, open })).rejects.toThrow('does not open');
    expect(await readAudit(store)).toHaveLength(2);
    expect(opening).toHaveLength(2);
    const unwritable = { ...audit, operation: null as unknown as string };
    await expect(store.revealApps('acme', {}, { audit: unwritable, open })).rejects.toThrow();
    // The store has no open transaction left.
    expect(await store.createApp(makeApp(), makeOptions())).toBe('created');
    expect(await readAudit(store)).toHaveLength(3);
  });

  test('secrets are re-sealed in batches without other changes', async () => {
    await using opened = await openFreshStore();
    const { store } = opened;
    const apps = Array.from({ length: 7 }, (_, index) => makeApp({ secret_key_id: index === 3 ? 'new' : 'old' }));
    for (const created of apps) await store.createApp(created, makeOptions());
    expect(await store.countSealedUnderOtherKeys('new')).toBe(6);
    const reseal = ({ id }: SealedSecret) =>
      id === apps[5]?.id ? undefined : { envelope: `again ${id}` as Envelope, version: 'w' };
    const first = await store.resealBatch('new', { limit: 4 }, reseal);
    expect(first).toEqual({ resealed: 4, next: { source: 0, position: expect.any(Number) } });
    expect(await store.resealBatch('new', { after: first.next, limit: 4 }, reseal)).toMatchObject({ resealed: 1 });
    expect(await store.countSealedUnderOtherKeys('new')).toBe(1);
    const [resealed] = (await store.listApps('acme')).apps;
    expect(resealed).toEqual({
      ...apps[0],
      client_secret: `again ${apps[0]?.id}`,
      secret_key_id: 'new',
      secret_version: 'w',
    });
  });

  test('all rows survive a restart', async () => {
    await using opened = await openFreshStore();
    const created = makeApp();
    await opened.store.createApp(created, makeOptions({ properties: ['p1'] }));
    await opened.store.addToken(token);
    await opened.reopen();
    expect((await opened.store.listApps('acme', { filter: { properties: ['p1'] } })).apps).toEqual([created]);
    expect(await opened.store.findToken('h1')).toEqual(token);
    expect(await readAudit(opened.store)).toEqual([audit]);
  });

  test('the audit rejects changes', async () => {
    await using opened = await openFreshStore();
    await opened.store.createApp(makeApp(), makeOptions());
    for (const change of [sql`UPDATE audit SET fields = ''`, sql`DELETE FROM audit`]) {
      await expect(opened.database.rows(change)).rejects.toThrow('append-only');
    }
  });

  test('a newer database is rejected', async () => {
    await using opened = await openFreshStore();
    await opened.database.rows(sql`INSERT INTO kysely_migration VALUES ('9999-from-the-future', '2099-01-01')`);
    await expect(openStore(opened.database.url)).rejects.toThrow(StoreTooNew);
  });
});

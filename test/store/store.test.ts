import { sql } from 'kysely';
import { describe, expect, inject, test } from 'vitest';
import { openStore } from '../../server/store/open-store.ts';
import { type AppRecord, type Store, StoreTooNew } from '../../server/store/store.ts';
import {
  audit,
  changeOf,
  createApps,
  envelopeOf,
  listIds,
  makeApp,
  makeOptions,
  readAudit,
} from '../store-tests/records.ts';
import { testStore } from '../store-tests/vitest.ts';
import { type FreshStore, openFreshStore } from './fresh-store.ts';

const opened = new WeakMap<Store, FreshStore>();

/** Returns the database that a store of a case is on. */
function freshStoreOf(store: Store): FreshStore {
  const fresh = opened.get(store);
  if (fresh === undefined) throw new Error('no case opened this store');
  return fresh;
}

testStore(`the store on ${inject('store')}`, {
  async open() {
    const fresh = await openFreshStore();
    opened.set(fresh.store, fresh);
    return fresh.store;
  },
  async reopen(store) {
    const fresh = freshStoreOf(store);
    await fresh.reopen();
    return fresh.store;
  },
  async remove(store) {
    await freshStoreOf(store).database[Symbol.asyncDispose]();
  },
});

describe(`the database of the store on ${inject('store')}`, () => {
  test('keeps nothing of a create that fails in its middle', async () => {
    await using fresh = await openFreshStore();
    const { store } = fresh;
    const app = makeApp();
    await expect(store.createApp(app, makeOptions({ properties: ['twice', 'twice'] }))).rejects.toThrow();
    expect(await listIds(store)).toEqual([]);
    expect(await store.createApp(app, makeOptions({ maxApps: 1 }))).toBe('created');
    expect(await readAudit(store)).toHaveLength(1);
  });

  test('keeps no transaction open when an audit row cannot be written', async () => {
    await using fresh = await openFreshStore();
    const { store } = fresh;
    await createApps(store, [{}]);
    const unwritable = { ...audit, operation: JSON.parse('null') };
    await expect(store.revealApps('acme', {}, { audit: unwritable, open: () => '' })).rejects.toThrow();
    expect(await store.createApp(makeApp(), makeOptions())).toBe('created');
    expect(await readAudit(store)).toHaveLength(2);
  });

  // On PostgreSQL the change and the reveal may be in either order.
  test.runIf(inject('store') === 'sqlite')(
    'a reveal shows no secret that was replaced before its audit row',
    async () => {
      await using fresh = await openFreshStore();
      const { store } = fresh;
      const [app] = await createApps(store, [{}]);
      const sealed = { client_secret: envelopeOf('new'), secret_key_id: 'new', secret_version: 'b' };
      let update: Promise<unknown> | undefined;
      const open = ({ client_secret }: AppRecord) => {
        // The first time, a change reaches the writer before the reveal does.
        update ??= store.updateApp('acme', app?.id ?? '', changeOf(sealed), { audit });
        return client_secret;
      };
      const page = await store.revealApps('acme', {}, { audit, open });
      expect(page).toEqual({ apps: [sealed.client_secret], next: undefined });
      expect(await update).toMatchObject(sealed);
      expect(await readAudit(store)).toHaveLength(3);
    },
  );

  test('the audit rejects changes', async () => {
    await using fresh = await openFreshStore();
    await createApps(fresh.store, [{}]);
    for (const change of [sql`UPDATE audit SET fields = ''`, sql`DELETE FROM audit`]) {
      await expect(fresh.database.rows(change)).rejects.toThrow('append-only');
    }
  });

  test('is rejected when it is newer', async () => {
    await using fresh = await openFreshStore();
    await fresh.database.rows(sql`INSERT INTO kysely_migration VALUES ('9999-from-the-future', '2099-01-01')`);
    await expect(openStore(fresh.database.url)).rejects.toThrow(StoreTooNew);
  });
});

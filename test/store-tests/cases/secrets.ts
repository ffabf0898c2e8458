/** Cases of sealed secrets of all accounts. */
import type { SealedSecret, SecretPosition, Store } from '../../../server/store/store.ts';
import { expectEqual, expectThat } from '../check.ts';
import { audit, changeOf, createApps, envelopeOf, readAudit, type StoreTest } from '../records.ts';

/** Reads all secrets, two at a time. */
export async function readSecrets(store: Store): Promise<SealedSecret[]> {
  const found: SealedSecret[] = [];
  for (let after: SecretPosition | undefined; found.length < 100; ) {
    const page = await store.listSecrets({ limit: 2, ...(after && { after }) });
    found.push(...page.secrets);
    after = page.next;
    if (after === undefined) break;
  }
  return found;
}

const keysOf = (secrets: readonly SealedSecret[]) =>
  secrets.map(({ account_id, id, key_id, envelope, version }) => [account_id, id, key_id, envelope, version].join());

export const secretCases: Readonly<Record<string, StoreTest>> = {
  async 'secrets of all accounts are listed'({ store }) {
    const apps = await createApps(store, [{}, { account_id: 'other' }, { secret_key_id: 'old' }]);
    const expected = apps.map(({ account_id, id, secret_key_id, client_secret, secret_version }) =>
      [account_id, id, secret_key_id, client_secret, secret_version].join(),
    );
    expectEqual('listSecrets', keysOf(await readSecrets(store)), expected);
    const newest = keysOf(await store.newestSecrets(2)).sort();
    expectEqual('newestSecrets', newest, expected.slice(1).sort());
    expectEqual('countByKey', await store.countByKey(), new Map(Object.entries({ k: 2, old: 1 })));
  },

  async 'secrets under other keys are counted'({ store }) {
    await createApps(store, [{}, { secret_key_id: 'new' }, { secret_key_id: 'new', secret_version: '' }]);
    const count = await store.countSealedUnderOtherKeys('new');
    expectEqual('countSealedUnderOtherKeys, with one of the older form', count, 2);
  },

  async 'secrets are re-sealed in batches without other changes'({ store }) {
    const changes = Array.from({ length: 7 }, (_, index) => ({ secret_key_id: index === 3 ? 'new' : 'old' }));
    const apps = await createApps(store, changes);
    const skipped = apps[5]?.id;
    const reseal = ({ id }: SealedSecret) =>
      id === skipped ? undefined : { envelope: envelopeOf(`again ${id}`), version: 'w' };
    const first = await store.resealBatch('new', { limit: 4 }, reseal);
    expectEqual('resealBatch', first.resealed, 4);
    expectThat('resealBatch', first.next !== undefined, 'a batch that is not the last has a position');
    const page = { limit: 4, ...(first.next && { after: first.next }) };
    const last = await store.resealBatch('new', page, reseal);
    expectEqual('resealBatch, the last', last.resealed, 1);
    expectEqual('countSealedUnderOtherKeys', await store.countSealedUnderOtherKeys('new'), 1);
    const expected = apps.map((app) =>
      app.id === skipped || app.secret_key_id === 'new'
        ? app
        : { ...app, client_secret: envelopeOf(`again ${app.id}`), secret_key_id: 'new', secret_version: 'w' },
    );
    expectEqual('listApps', (await store.listApps('acme')).apps, expected);
    expectEqual('listAudit', (await readAudit(store)).length, 7);
  },

  async 'a secret that changes meanwhile is not re-sealed'({ store }) {
    const [app] = await createApps(store, [{ secret_key_id: 'old' }]);
    const change = { client_secret: envelopeOf('newer'), secret_key_id: 'new', secret_version: 'x' };
    let updating: Promise<unknown> | undefined;
    const result = store.resealBatch('new', { limit: 4 }, () => {
      updating ??= store.updateApp('acme', app?.id ?? '', changeOf(change), { audit });
      return { envelope: envelopeOf('again'), version: 'w' };
    });
    await result;
    await updating;
    const found = await store.findApp('acme', app?.id ?? '');
    expectEqual('findApp after resealBatch and updateApp', found?.client_secret, change.client_secret);
  },

  async 'a key id is corrected unless the secret has changed'({ store }) {
    const [app] = await createApps(store, [{}]);
    const [secret] = await readSecrets(store);
    if (secret === undefined) return expectThat('listSecrets', false, 'the secret of every app is listed');
    await store.correctKeyId({ ...secret, envelope: envelopeOf('other') }, 'right');
    expectEqual('correctKeyId of a changed secret', await store.findApp('acme', app?.id ?? ''), app);
    await store.correctKeyId(secret, 'right');
    const expected = { ...app, secret_key_id: 'right' };
    expectEqual('correctKeyId', await store.findApp('acme', app?.id ?? ''), expected);
  },
};

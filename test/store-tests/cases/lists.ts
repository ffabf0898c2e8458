/** Cases of lists and reveals. */
import type { AppFilter, AppPage, AppRecord, Store } from '../../../server/store/store.ts';
import { expectEqual, expectRejection } from '../check.ts';
import { audit, changeOf, createApps, listIds, makeApp, makeOptions, readAudit, type StoreTest } from '../records.ts';

/** Reads all pages. Returns the ids of each. */
async function readPages(readPage: (after: number) => Promise<AppPage>): Promise<string[][]> {
  const pages: string[][] = [];
  for (let after: number | undefined = 0; after !== undefined && pages.length < 10; ) {
    const page: AppPage = await readPage(after);
    pages.push(page.apps.map(({ id }) => id));
    after = page.next;
  }
  return pages;
}

const reveal = { ...audit, operation: 'listOAuthApps' };
const revealing = (store: Store) => (after: number) =>
  store.revealApps('acme', { after, limit: 5 }, { audit: reveal, open: (app: AppRecord) => app });

export const listCases: Readonly<Record<string, StoreTest>> = {
  async 'apps are listed in the order of creation'({ store }) {
    const apps = await createApps(store, Array(12).fill({}));
    await store.updateApp('acme', apps[3]?.id ?? '', changeOf({ name: 'x' }), { audit });
    await store.deleteApp('acme', apps[5]?.id ?? '', { audit });
    const expected = apps.filter((_, index) => index !== 5).map(({ id }) => id);
    expectEqual('listApps', await listIds(store), expected);
  },

  async 'pages contain every app once'({ store }) {
    const ids = (await createApps(store, Array(10).fill({}))).map(({ id }) => id);
    const expected = [ids.slice(0, 5), ids.slice(5)];
    expectEqual('listApps', await readPages((after) => store.listApps('acme', { after, limit: 5 })), expected);
    expectEqual('revealApps', await readPages(revealing(store)), expected);
  },

  async 'a page goes on where the last one ended'({ store }) {
    const [first, second, third, fourth] = (await createApps(store, Array(4).fill({}))).map(({ id }) => id);
    const { next } = await store.listApps('acme', { limit: 2 });
    for (const id of [first, third]) await store.deleteApp('acme', id ?? '', { audit });
    const [fifth] = await createApps(store, [{}]);
    expectEqual('listApps', await listIds(store, { after: next ?? 0, limit: 5 }), [fourth, fifth?.id]);
    expectEqual('listApps', await listIds(store), [second, fourth, fifth?.id]);
  },

  async 'filters by provider, key and properties combine'({ store }) {
    const [a, b, c] = [makeApp(), makeApp({ provider: 'github' }), makeApp({ secret_key_id: 'old' })];
    await store.createApp(a, makeOptions({ properties: ['p1', 'p2'] }));
    await store.createApp(b, makeOptions({ properties: ['p1'] }));
    await store.createApp(c, makeOptions());
    const expectIds = async (filter: AppFilter, ids: readonly string[]) =>
      expectEqual(`listApps by ${JSON.stringify(filter)}`, await listIds(store, { filter }), ids);
    await expectIds({}, [a.id, b.id, c.id]);
    await expectIds({ provider: 'github' }, [b.id]);
    await expectIds({ secret_key_id: { in: ['old'] } }, [c.id]);
    await expectIds({ secret_key_id: { in: [] } }, []);
    await expectIds({ secret_key_id: { notIn: ['old'] } }, [a.id, b.id]);
    await expectIds({ properties: [] }, [a.id, b.id, c.id]);
    await expectIds({ properties: ['p1'] }, [a.id, b.id]);
    await expectIds({ properties: ['p1', 'p2'], provider: 'stripe' }, [a.id]);
    await expectIds({ properties: ['p1', 'p3'] }, []);
    const page = await store.listApps('acme', { filter: { properties: ['p1'] }, limit: 1 });
    const rest = await listIds(store, { filter: { properties: ['p1'] }, after: page.next ?? 0 });
    expectEqual('listApps by property, second page', rest, [b.id]);
  },

  async 'two thousand properties are stored'({ store }) {
    const properties = Array.from({ length: 2_000 }, (_, index) => `p${index}`);
    await store.createApp(makeApp(), makeOptions({ properties }));
    const found = await listIds(store, { filter: { properties: ['p0', 'p1999'] } });
    expectEqual('listApps by property', found.length, 1);
  },

  async 'a reveal returns opened secrets with one audit entry'({ store }) {
    const apps = await createApps(store, [{}, { provider: 'github' }, {}]);
    const open = ({ client_secret, provider }: AppRecord) => `${provider} ${client_secret}`;
    const listSubjects = (opened: readonly string[]) => opened.map((_, index) => `s${index}`);
    const page = await store.revealApps('acme', { limit: 2 }, { audit: reveal, listSubjects, open });
    expectEqual('revealApps', page.apps, apps.slice(0, 2).map(open));
    expectEqual('revealApps, next page', await listIds(store, { after: page.next ?? 0 }), [apps[2]?.id]);
    expectEqual('listAudit', (await readAudit(store)).slice(3), [{ ...reveal, subjects: ['s0', 's1'] }]);
  },

  async 'a reveal that fails leaves no audit entry'({ store }) {
    await createApps(store, [{}, {}]);
    let opened = 0;
    const open = () => {
      opened += 1;
      if (opened === 2) throw new Error('does not open');
    };
    await expectRejection('revealApps', () => store.revealApps('acme', {}, { audit: reveal, open }));
    expectEqual('listAudit after a failed reveal', await readAudit(store), [audit, audit]);
    expectEqual('createApp after a failed reveal', await store.createApp(makeApp(), makeOptions()), 'created');
  },
};

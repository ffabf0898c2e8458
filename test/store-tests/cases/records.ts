/** Cases of `Store.records`, for every table of records. */
import type {
  RecordFilter,
  RecordTable,
  SealedSecret,
  SecretPosition,
  StoreResponse,
} from '../../../server/store/store.ts';
import { expectEqual, expectRejection } from '../check.ts';
import { audit, envelopeOf, makeApp, makeOptions, readAudit, type StoreTest } from '../records.ts';
import { createOptions, createRecords, idsOf, listRecordIds, type RecordKind, recordKinds } from '../table-records.ts';
import { readSecrets } from './secrets.ts';

type Cases = Readonly<Record<string, StoreTest>>;

const response: StoreResponse = { key: 'k', fingerprint: 'k1.f', response: '{}', expiredAt: '2025-12-31T00:00:00Z' };
const known = { fingerprint: 'k1.f', response: '{}' };
const other = { ...audit, accountId: 'other' };
const count = (results: readonly unknown[], value: unknown) => results.filter((result) => result === value).length;

/** Cases of single records. */
const singleCases = (kind: RecordKind): Cases => {
  const { table, method, make, changeOf, changed, open } = kind;
  return {
    async [`a stored record of ${table} equals the created one`]({ store }) {
      const texts = Object.entries(make()).filter(([, value]) => typeof value === 'string' && value.endsWith(' 1'));
      const odd = Object.fromEntries(
        texts.map(([name]) => [name, `${name} it's \u2028 \ud83d\ude00 \\ % { "b" : 1.0 }`]),
      );
      const record = make(odd);
      const records = open(store);
      expectEqual(`${method}.create`, await records.create(record, createOptions()), 'created');
      expectEqual(`${method}.find`, await records.find('acme', record.id), record);
      expectEqual(`${method}.list`, await records.list('acme', {}), { records: [record] });
      expectEqual(`${method}.find of an unknown id`, await records.find('acme', '__proto__'), undefined);
    },

    async [`an account never sees the records of ${table} of another`]({ store }) {
      const [records, record] = [open(store), make()];
      await records.create(record, createOptions({ max: 1 }));
      const reveal = { audit: other, open: (found: { id: string }) => ({ id: found.id }) };
      expectEqual(`${method}.find`, await records.find('other', record.id), undefined);
      expectEqual(`${method}.list`, idsOf(await records.list('other', {})), []);
      expectEqual(`${method}.reveal`, (await records.reveal('other', {}, reveal)).records, []);
      const update = await records.update('other', record.id, changeOf(), { audit: other });
      expectEqual(`${method}.update`, update, 'missing');
      expectEqual(`${method}.delete`, await records.delete('other', record.id, { audit: other }), 'missing');
      expectEqual(`${method}.find`, await records.find('acme', record.id), record);
      const theirs = make({ account_id: 'other' });
      const created = await records.create(theirs, createOptions({ max: 1, audit: other }));
      expectEqual(`${method}.create beside a full account`, created, 'created');
    },

    async [`an update of ${table} replaces the given columns alone`]({ store }) {
      const records = open(store);
      const [record] = await createRecords(kind, store, [{}]);
      if (record === undefined) return;
      let expected = record;
      for (const name of changed) {
        const own = { [name]: `${name} 2`, updated_at: `2026-01-02T00:00:0${expected.version % 10}Z` };
        expected = { ...expected, ...own, version: expected.version + 1 };
        const updated = await records.update('acme', record.id, changeOf(own), {
          audit,
          versions: [expected.version - 1],
        });
        expectEqual(`${method}.update of ${name}`, updated, expected);
      }
      expectEqual(`${method}.find after updates`, await records.find('acme', record.id), expected);
      const late = { audit, versions: [1, expected.version + 1] };
      expectEqual(
        `${method}.update at another version`,
        await records.update('acme', record.id, changeOf(), late),
        'changed',
      );
      expectEqual(`${method}.delete at another version`, await records.delete('acme', record.id, late), 'changed');
      expectEqual(`${method}.update of no record`, await records.update('acme', 'x', changeOf(), { audit }), 'missing');
      expectEqual(`${method}.find after no update`, await records.find('acme', record.id), expected);
      expectEqual('listAudit', (await readAudit(store)).length, expected.version);
    },

    async [`a deleted record of ${table} is gone and frees its slot`]({ store }) {
      const [records, record] = [open(store), make()];
      const entry = (operation: string) => ({ ...audit, operation });
      const create = createOptions({ max: 1, audit: entry('create') });
      await records.create(record, create);
      expectEqual(`${method}.create in a full account`, await records.create(make(), create), 'full');
      await records.update('acme', record.id, changeOf(), { audit: entry('update') });
      const deletion = { audit: entry('delete'), versions: [2] };
      expectEqual(`${method}.delete`, await records.delete('acme', record.id, deletion), 'deleted');
      expectEqual(`${method}.delete again`, await records.delete('acme', record.id, { audit }), 'missing');
      expectEqual(`${method}.find of a deleted record`, await records.find('acme', record.id), undefined);
      expectEqual('listAudit', await readAudit(store), ['create', 'update', 'delete'].map(entry));
      expectEqual(`${method}.create in a freed account`, await records.create(make(), create), 'created');
      expectEqual(`${method}.create without a slot`, await records.create(make(), createOptions({ max: 0 })), 'full');
    },

    async [`writes of ${table} at once keep the quota and the version`]({ store }) {
      const records = open(store);
      const creates = Array.from({ length: 12 }, () => records.create(make(), createOptions({ max: 5 })));
      expectEqual(`${method}.create twelve times at once`, count(await Promise.all(creates), 'created'), 5);
      const [id = ''] = await listRecordIds(kind, store);
      const write = { audit, versions: [1] };
      const updates = Array.from({ length: 6 }, () => records.update('acme', id, changeOf(), write));
      expectEqual(`${method}.update six times at once`, count(await Promise.all(updates), 'changed'), 5);
      expectEqual('listAudit', (await readAudit(store)).length, 6);
    },

    async [`a repeated create of ${table} gets the stored response`]({ store }) {
      const [records, first] = [open(store), make()];
      await records.create(first, createOptions());
      const keyed = createOptions({ idempotency: response });
      await expectRejection(`${method}.create with a known id`, () => records.create(make({ id: first.id }), keyed));
      const results = await Promise.all(Array.from({ length: 6 }, () => records.create(make(), keyed)));
      expectEqual(`${method}.create six times at once`, count(results, 'created'), 1);
      for (const result of results) if (result !== 'created') expectEqual(`${method}.create at once`, result, known);
      const full = createOptions({ idempotency: response, max: 1 });
      expectEqual(`${method}.create again in a full account`, await records.create(make(), full), known);
      const theirs = createOptions({ idempotency: response, audit: other });
      const created = await records.create(make({ account_id: 'other' }), theirs);
      expectEqual(`${method}.create under the key of another account`, created, 'created');
      expectEqual(`${method}.list`, (await listRecordIds(kind, store)).length, 2);
    },
  };
};

/** Cases of lists and reveals. */
const listCases = (kind: RecordKind): Cases => {
  const { table, method, make, changeOf, open, filters, hasProperties } = kind;
  return {
    async [`records of ${table} are listed in order, page by page`]({ store }) {
      const records = open(store);
      const ids = (await createRecords(kind, store, Array(7).fill({}))).map(({ id }) => id);
      await records.update('acme', ids[1] ?? '', changeOf(), { audit });
      expectEqual(`${method}.list`, await listRecordIds(kind, store), ids);
      const first = await records.list('acme', { limit: 3 });
      expectEqual(`${method}.list, first page`, idsOf(first), ids.slice(0, 3));
      for (const id of [ids[0], ids[3]]) await records.delete('acme', id ?? '', { audit });
      const second = await records.list('acme', { limit: 3, after: first.next ?? 0 });
      expectEqual(`${method}.list, last page`, [idsOf(second), second.next], [ids.slice(4), undefined]);
    },

    async [`lists of ${table} filter by each column`]({ store }) {
      const pairs = filters.map((name) => ({ [name]: `${name} 2` }));
      const [plain, ...others] = await createRecords(kind, store, [{}, ...pairs]);
      const all = [plain, ...others].map((record) => record?.id);
      const expectIds = async (filter: RecordFilter<RecordTable>, ids: readonly (string | undefined)[]) =>
        expectEqual(`${method}.list by ${JSON.stringify(filter)}`, await listRecordIds(kind, store, { filter }), ids);
      await expectIds({}, all);
      for (const [index, name] of filters.entries()) {
        const [own, id] = [`${name} 2`, all[index + 1]];
        await expectIds({ [name]: own }, [id]);
        await expectIds({ [name]: { in: [own, 'x'] } }, [id]);
        await expectIds({ [name]: { in: [] } }, []);
        await expectIds(
          { [name]: { notIn: [own] } },
          all.filter((one) => one !== id),
        );
      }
      await expectIds(Object.fromEntries(filters.map((name) => [name, `${name} 1`])), [plain?.id]);
    },

    ...(hasProperties && {
      async [`lists of ${table} filter by properties`]({ store }) {
        const [records, [first, second]] = [open(store), [make(), make()]];
        await records.create(first, createOptions({ properties: ['p1', 'p2'] }));
        await records.create(second, createOptions({ properties: ['p1'] }));
        const ids = (...properties: string[]) => listRecordIds(kind, store, { filter: { properties } });
        expectEqual(`${method}.list by one property`, await ids('p1'), [first.id, second.id]);
        expectEqual(`${method}.list by two properties`, await ids('p1', 'p2'), [first.id]);
        const rest = Object.fromEntries(filters.map((name) => [name, { notIn: ['x'] }]));
        const both = [await listRecordIds(kind, store, { filter: rest })];
        both.push(await listRecordIds(kind, store, { filter: { ...rest, properties: ['p2'] } }));
        expectEqual(`${method}.list by all columns`, both, [[first.id, second.id], [first.id]]);
        await records.update('acme', first.id, { ...changeOf(), properties: ['p3'] }, { audit });
        expectEqual(`${method}.list after an update`, [await ids('p2'), await ids('p3')], [[], [first.id]]);
      },
    }),

    async [`a reveal of ${table} is audited when it succeeds`]({ store }) {
      const all = await createRecords(kind, store, Array(3).fill({}));
      const reveal = { ...audit, operation: 'reveal' };
      const records = open(store);
      const show = (record: object) => ({ shown: record });
      const opening = { audit: reveal, listSubjects: () => ['s'], open: show };
      const page = await records.reveal('acme', { limit: 2 }, opening);
      expectEqual(`${method}.reveal`, page.records, all.slice(0, 2).map(show));
      const next = await records.list('acme', { after: page.next ?? 0 });
      expectEqual(`${method}.reveal, next page`, idsOf(next), [all[2]?.id]);
      const failing = () => {
        throw new Error('does not open');
      };
      await expectRejection(`${method}.reveal`, () => records.reveal('acme', {}, { audit: reveal, open: failing }));
      expectEqual('listAudit', (await readAudit(store)).slice(3), [{ ...reveal, subjects: ['s'] }]);
    },
  };
};

/** Cases of the secrets of records, each of which may be sealed under another key. */
const secretCases = (kind: RecordKind): Cases => {
  const { table, method, open, secrets } = kind;
  if (secrets.length === 0) return {};
  return {
    async [`every secret of ${table} is listed, counted and re-sealed`]({ store }) {
      const [record] = await createRecords(kind, store, [{}]);
      const listed = await readSecrets(store);
      const columns = ({ id, envelope, key_id, version }: Omit<SealedSecret, 'table'>) => [
        id,
        envelope,
        key_id,
        version,
      ];
      const expected = secrets.map(({ envelope, keyId, version }) =>
        [record?.id, ...[envelope, keyId, version].map((name) => `${name} 1`)].join(),
      );
      expectEqual('listSecrets', listed.map((secret) => columns(secret).join()).sort(), expected.sort());
      const keys = new Map(secrets.map(({ keyId }) => [`${keyId} 1`, 1]));
      expectEqual('countByKey', await store.countByKey(), keys);
      const again = { envelope: envelopeOf('again'), version: 'w' };
      let resealed = 0;
      for (let after: SecretPosition | undefined, isLast = false; !isLast; isLast = after === undefined) {
        const batch = await store.resealBatch('new', { limit: 10, ...(after && { after }) }, () => again);
        [resealed, after] = [resealed + batch.resealed, batch.next];
      }
      expectEqual('resealBatch', resealed, secrets.length);
      const sealed = secrets.map(({ envelope, keyId, version }) => ({
        ...{ [envelope]: again.envelope, [keyId]: 'new', [version]: again.version },
      }));
      const found = await open(store).find('acme', record?.id ?? '');
      expectEqual(`${method}.find after resealBatch`, found, Object.assign({}, record, ...sealed));
    },
  };
};

/** Cases of what tables have in common, and what they have not. */
const commonCases: Cases = {
  async "records('oauth_apps') are those of the methods for apps"({ store }) {
    const [apps, app] = [store.records('oauth_apps'), makeApp()];
    await store.createApp(app, makeOptions({ properties: ['p1'], idempotency: response, maxApps: 1 }));
    const page = await apps.list('acme', { filter: { properties: ['p1'] } });
    expectEqual("records('oauth_apps').list", page.records, [app]);
    const keyed = { max: 1, audit, idempotency: response };
    expectEqual("records('oauth_apps').create again", await apps.create(makeApp(), keyed), known);
    expectEqual("records('oauth_apps').create", await apps.create(makeApp(), { max: 1, audit }), 'full');
    await apps.delete('acme', app.id, { audit });
    expectEqual('findApp of a deleted record', await store.findApp('acme', app.id), undefined);
    expectEqual('createApp in a freed account', await store.createApp(app, makeOptions({ maxApps: 1 })), 'created');
  },

  async 'tables have their own records and quotas'({ store }) {
    for (const kind of recordKinds) {
      const record = kind.make({ id: 'same' });
      expectEqual(`${kind.method}.create`, await kind.open(store).create(record, createOptions({ max: 1 })), 'created');
    }
    for (const kind of recordKinds) {
      await kind.open(store).delete('acme', 'same', { audit });
      expectEqual(`${kind.method}.list`, await listRecordIds(kind, store), []);
    }
  },
};

export const recordCases: Cases = Object.assign(
  { ...commonCases },
  ...recordKinds.flatMap((kind) => [singleCases(kind), listCases(kind), secretCases(kind)]),
);

/** Stores whose generic records have one seeded fault each, while the methods for apps are right. */
import { setImmediate } from 'node:timers/promises';
import type { Records, RecordTable } from '../../server/index.ts';
import type { Fault } from './faults.ts';
import { MemoryStore } from './memory-store.ts';

type AppRecords = Records<'oauth_apps'>;

const withRecords = (change: (apps: AppRecords, store: MemoryStore) => Partial<AppRecords>) => () =>
  new (class extends MemoryStore {
    override records<Table extends RecordTable>(_table: Table): Records<Table> {
      const apps: AppRecords = super.records('oauth_apps');
      return { ...apps, ...change(apps, this) } as object as Records<Table>;
    }
  })();

const elsewhere = new MemoryStore();

/** The case that finds each fault, the change that makes it, and the method that a message names if it is another. */
type Row = readonly [breaks: string, change: Parameters<typeof withRecords>[0], method?: Fault['method']];

const rows: Readonly<Record<string, Row>> = {
  'a record is read from any account': [
    'an account never sees the records of oauth_apps of another',
    (apps) => ({
      find: async (accountId, id) => (await apps.find(accountId, id)) ?? (await apps.find('acme', id)),
    }),
  ],
  'a deletion ignores the account': [
    'an account never sees the records of oauth_apps of another',
    (apps) => ({ delete: (_accountId, id, options) => apps.delete('acme', id, options) }),
  ],
  'a record is kept without its last column': [
    'a stored record of oauth_apps equals the created one',
    (apps) => ({ create: (record, options) => apps.create({ ...record, metadata: '{}' }, options) }),
  ],
  'an update leaves out a column': [
    'an update of oauth_apps replaces the given columns alone',
    (apps) => ({
      update: (accountId, id, change, options) =>
        apps.update(accountId, id, { ...change, secret_version: undefined }, options),
    }),
  ],
  'an update ignores the versions': [
    'an update of oauth_apps replaces the given columns alone',
    (apps) => ({ update: (accountId, id, change, { audit }) => apps.update(accountId, id, change, { audit }) }),
  ],
  'a deletion ignores the versions': [
    'an update of oauth_apps replaces the given columns alone',
    (apps) => ({ delete: (accountId, id, { audit }) => apps.delete(accountId, id, { audit }) }),
  ],
  'the quota counts one too many': [
    'a deleted record of oauth_apps is gone and frees its slot',
    (apps) => ({ create: (record, { max, ...options }) => apps.create(record, { ...options, max: max + 1 }) }),
  ],
  'the quota of generic records is looked up before': [
    'writes of oauth_apps at once keep the quota and the version',
    (apps) => ({
      async create(record, options) {
        const { records } = await apps.list(record.account_id, {});
        await setImmediate();
        return records.length >= options.max ? 'full' : apps.create(record, { ...options, max: 1_000 });
      },
    }),
  ],
  'an idempotency key is forgotten': [
    'a repeated create of oauth_apps gets the stored response',
    (apps) => ({ create: (record, { idempotency: _, ...options }) => apps.create(record, options) }),
  ],
  'a page ignores its position': [
    'records of oauth_apps are listed in order, page by page',
    (apps) => ({ list: (accountId, { after: _, ...options }) => apps.list(accountId, options) }),
  ],
  'a filter on a column is ignored': [
    'lists of oauth_apps filter by each column',
    (apps) => ({
      list: (accountId, { filter: { secret_key_id: _, ...filter } = {}, ...options }) =>
        apps.list(accountId, { ...options, filter }),
    }),
  ],
  'a filter by none but some matches all': [
    'lists of oauth_apps filter by each column',
    (apps) => ({
      list: (accountId, { filter = {}, ...options }) =>
        apps.list(accountId, {
          ...options,
          filter: Object.fromEntries(
            Object.entries(filter).filter(([, value]) => !(typeof value === 'object' && 'notIn' in value)),
          ),
        }),
    }),
  ],
  'properties of generic records are dropped': [
    'lists of oauth_apps filter by properties',
    (apps) => ({ create: (record, { properties: _, ...options }) => apps.create(record, options) }),
  ],
  'a failed reveal of generic records is recorded': [
    'a reveal of oauth_apps is audited when it succeeds',
    (apps, store) => ({
      async reveal(accountId, options, reveal) {
        await store.addAudit({ ...reveal.audit, subjects: ['s'] });
        const { records, ...page } = await apps.list(accountId, options);
        return { ...page, records: records.map(reveal.open) };
      },
    }),
    'listAudit',
  ],
  'generic records have a store of their own': [
    "records('oauth_apps') are those of the methods for apps",
    () => elsewhere.records('oauth_apps'),
  ],
  'an error of generic records is passed on': [
    'a store that cannot respond rejects every call',
    (apps) => ({
      find: (accountId, id) =>
        apps.find(accountId, id).catch(() => {
          throw new Error('ECONNREFUSED');
        }),
    }),
  ],
};

/** Every fault of generic records. */
export const recordFaults: Readonly<Record<string, Fault>> = Object.fromEntries(
  Object.entries(rows).map(([name, [breaks, change, method = 'records']]) => [
    name,
    { breaks, method, make: withRecords(change) },
  ]),
);

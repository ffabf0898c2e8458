/** Cases of the audit. */
import type { AuditEntry } from '../../../server/store/store.ts';
import { expectEqual } from '../check.ts';
import { audit, changeOf, createApps, makeApp, makeOptions, readAudit, type StoreTest } from '../records.ts';

const whole: AuditEntry = {
  ...audit,
  ...{ at: '2026-02-01T00:00:00.000Z', accountId: 'other', appId: 'x', fields: [], subjects: ['a', 'b'] },
};

export const auditCases: Readonly<Record<string, StoreTest>> = {
  async 'every write has its own audit entry'({ store }) {
    const entry = (operation: string) => ({ ...audit, operation });
    const app = makeApp();
    await store.createApp(app, makeOptions({ audit: entry('create') }));
    await store.updateApp('acme', app.id, changeOf({ name: 'New' }), { audit: entry('update') });
    await store.deleteApp('acme', app.id, { audit: entry('delete') });
    expectEqual('listAudit', await readAudit(store), ['create', 'update', 'delete'].map(entry));
  },

  async 'the audit is listed by account and time'({ store }) {
    await store.addAudit(audit);
    await store.addAudit(whole);
    expectEqual('listAudit', await readAudit(store), [audit, whole]);
    expectEqual('listAudit by account', await readAudit(store, { accountId: 'acme' }), [audit]);
    expectEqual('listAudit since a moment', await readAudit(store, { since: whole.at }), [whole]);
    expectEqual('listAudit before a moment', await readAudit(store, { before: whole.at }), [audit]);
    const third = await readAudit(store, { accountId: 'acme', since: whole.at });
    expectEqual('listAudit by account and time', third, []);
  },

  async 'the audit is thinned when the number is right'({ store }) {
    for (const entry of [audit, audit, whole]) await store.addAudit(entry);
    const thin = { ...audit, at: '2026-03-01T00:00:00.000Z', operation: 'thin-audit' };
    expectEqual('thinAudit with another number', await store.thinAudit(whole.at, 3, thin), 'changed');
    expectEqual('listAudit', await readAudit(store), [audit, audit, whole]);
    expectEqual('thinAudit', await store.thinAudit(whole.at, 2, thin), 'thinned');
    expectEqual('listAudit', await readAudit(store), [whole, thin]);
  },

  async 'a record of which the audit knows more was put back'({ store }) {
    const [first = '', second = ''] = (await createApps(store, [{}, {}])).map(({ id }) => id);
    const operations = { updates: ['update'], deletes: ['delete'], restore: 'restore' };
    const putBack = async () => (await store.listPutBack(operations)).map(({ id }) => id);
    await store.updateApp('acme', first, changeOf({ name: 'New' }), {
      audit: { ...audit, operation: 'update', appId: first },
    });
    expectEqual('listPutBack', await putBack(), []);
    await store.addAudit({ ...audit, operation: 'update', appId: first });
    await store.addAudit({ ...audit, operation: 'delete', appId: second });
    expectEqual('listPutBack of lost writes', await putBack(), [first, second]);
    await store.addAudit({ ...audit, operation: 'restore' });
    expectEqual('listPutBack after a restore', await putBack(), [first]);
  },

  async 'a long audit is listed whole'({ store }) {
    await createApps(store, Array(30).fill({}));
    expectEqual('listAudit', (await readAudit(store)).length, 30);
  },
};

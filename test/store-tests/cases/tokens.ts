/** Cases of tokens. */
import { expectEqual, expectRejection, expectThat } from '../check.ts';
import { audit, createApps, makeToken, readAudit, type StoreTest } from '../records.ts';

const slotted = (change: Parameters<typeof makeToken>[0] = {}) => ({ ...makeToken(change), slot: 'API_TOKEN' });
const operations = (entries: Awaited<ReturnType<typeof readAudit>>) =>
  entries.map(({ operation, subjects = [] }) => `${operation} ${subjects.join(' ')}`);
const later = '2026-02-01T00:00:00Z';

export const tokenCases: Readonly<Record<string, StoreTest>> = {
  async 'a token is found by its hash'({ store }) {
    const plain = makeToken({ scopes: [] });
    const whole = makeToken({
      ...{
        id: 't2',
        hash: 'h2',
        name: 'for é',
        prefix: 'oar_x',
        slot: 'S',
        expiresAt: later,
        lastUsedOn: '2026-01-01',
      },
    });
    for (const token of [plain, whole]) await store.addToken(token);
    expectEqual('findToken', await store.findToken('h1'), plain);
    expectEqual('findToken', await store.findToken('h2'), whole);
    for (const hash of ['h3', '', 'constructor']) {
      expectEqual('findToken of an unknown hash', await store.findToken(hash), undefined);
    }
  },

  async 'a second token with the same hash is rejected'({ store }) {
    await store.addToken(makeToken());
    const twin = makeToken({ id: 't2', accountId: 'other' });
    await expectRejection('addToken with a known hash', () => store.addToken(twin, audit));
    expectEqual('findToken', await store.findToken('h1'), makeToken());
    expectEqual('listAudit after a rejected token', await readAudit(store), []);
  },

  async 'a token is revoked once'({ store }) {
    await store.addToken(makeToken());
    const entry = { ...audit, operation: 'token revoke' };
    expectEqual('revokeToken', await store.revokeToken('t1', later, entry), true);
    expectEqual('revokeToken again', await store.revokeToken('t1', '2026-03-01T00:00:00Z', entry), false);
    expectEqual('revokeToken of an unknown id', await store.revokeToken('t2', later, entry), false);
    expectEqual('findToken', await store.findToken('h1'), makeToken({ revokedAt: later }));
    expectEqual('listAudit', await readAudit(store), [entry]);
  },

  async 'tokens are listed oldest first'({ store }) {
    const old = makeToken({ id: 't2', hash: 'h2', createdAt: '2025-01-01T00:00:00Z' });
    const other = makeToken({ id: 't3', hash: 'h3', accountId: 'other', createdAt: later });
    for (const token of [makeToken(), old, other]) await store.addToken(token);
    expectEqual('listTokens', await store.listTokens(), [old, makeToken(), other]);
    expectEqual('listTokens of an account', await store.listTokens('other'), [other]);
    expectEqual('listTokens of an unknown account', await store.listTokens('third'), []);
  },

  async 'a first token is added once'({ store }) {
    expectEqual('addFirstToken', await store.addFirstToken(makeToken(), audit), true);
    await store.revokeToken('t1', later);
    const second = makeToken({ id: 't2', hash: 'h2' });
    expectEqual('addFirstToken again', await store.addFirstToken(second, audit), false);
    expectEqual('findToken', await store.findToken('h2'), undefined);
    expectEqual('listAudit', await readAudit(store), [audit]);
  },

  async 'a slot has one usable token'({ store }) {
    const entry = { ...audit, fields: [] };
    const [first, second] = [slotted(), slotted({ id: 't2', hash: 'h2' })];
    expectEqual('takeSlot', await store.takeSlot(first, entry), { outcome: 'added', ended: [] });
    expectEqual('takeSlot again', await store.takeSlot(first, entry), { outcome: 'known', ended: [] });
    const replaced = { outcome: 'added', ended: ['t1'] };
    expectEqual('takeSlot of another token', await store.takeSlot(second, entry), replaced);
    expectEqual('findToken', (await store.findToken('h1'))?.revokedAt, entry.at);
    expectEqual('findToken', await store.findToken('h2'), second);
    const refused = { outcome: 'revoked', ended: [] };
    expectEqual('takeSlot of a revoked token', await store.takeSlot(first, entry), refused);
    expectEqual('findToken', await store.findToken('h2'), second);
    const expected = ['token create t1', 'token create t2', 'token revoke t1'];
    expectEqual('listAudit', operations(await readAudit(store)), expected);
  },

  async 'a known token is taken into its slot'({ store }) {
    await store.addToken(makeToken());
    expectEqual('takeSlot', await store.takeSlot(slotted(), audit), { outcome: 'known', ended: [] });
    const next = slotted({ id: 't2', hash: 'h2' });
    expectEqual('takeSlot', await store.takeSlot(next, audit), { outcome: 'added', ended: ['t1'] });
  },

  async 'the day of the last request is recorded'({ store }) {
    await store.addToken(makeToken());
    for (const day of ['2026-01-02', '2026-01-03']) {
      await store.recordUse('t1', day);
      expectEqual('findToken', (await store.findToken('h1'))?.lastUsedOn, day);
    }
    await store.recordUse('unknown', '2026-01-04');
  },

  async 'a token brings apps of its own account alone'({ store }) {
    await store.addToken(makeToken());
    const [own, foreign] = await createApps(store, [{}, { account_id: 'other' }]);
    const found = (await store.findToken('h1', own?.id))?.app;
    if (found !== undefined) expectEqual('findToken with an app', found, own);
    const other = await store.findToken('h1', foreign?.id);
    expectThat('findToken', other !== undefined && other.app === undefined, 'the app is of another account');
  },
};

// @databases postgres
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { withDeadline } from '../../server/store/deadline.ts';
import { openStore } from '../../server/store/open-store.ts';
import { buildWriteFunction } from '../../server/store/sql/write-function.ts';
import { type Store, StoreUnavailable } from '../../server/store/store.ts';
import { changeOf, plainApp } from '../helpers/app-records.ts';
import { connectDatabase, createStoreDatabase, type TestDatabase } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';

const at = '2026-01-01T00:00:00Z';
const writes = 40;
let database: TestDatabase;
let store: Store;
let other: Store;
beforeAll(async () => {
  database = await createStoreDatabase();
  [store, other] = [await openStore(database.url), await openStore(database.url)];
});
afterAll(async () => {
  await store.close();
  await other.close();
  await database[Symbol.asyncDispose]();
});

test('the functions of the writes have every column of an app', async () => {
  const rows = await database.rows(sql`SELECT prosrc FROM pg_proc WHERE proname LIKE 'oauth_apps_write%'`);
  const { sql: built } = buildWriteFunction().compile(await database.connect());
  expect(rows).toHaveLength(2);
  for (const { prosrc } of rows) expect(built).toContain(String(prosrc));
});

interface CreateOptions {
  readonly maxApps?: number;
  readonly from?: Store;
  readonly key?: string;
}

function create(account: string, id: string, { maxApps = 1_000, from = store, key }: CreateOptions = {}) {
  const app = { ...plainApp, id, account_id: account, created_at: at, updated_at: at };
  const audit = {
    at,
    accountId: account,
    tokenId: 't',
    requestId: 'r',
    operation: 'createOAuthApp',
    appId: id,
    fields: [],
  };
  const idempotency =
    key === undefined ? undefined : { key, fingerprint: id, response: id, expiredAt: '2025-01-01T00:00:00Z' };
  return from.createApp(app, { properties: ['p'], maxApps, audit, ...(idempotency && { idempotency }) });
}

const change = (name: string) => changeOf({ name, updated_at: at });

/** Counts the rows of an account by table, and returns its counter. */
async function countRows(account: string) {
  const [counts] = await database.rows(sql`SELECT
    (SELECT app_count FROM accounts WHERE id = ${account}) AS counter,
    (SELECT count(*) FROM oauth_apps WHERE account_id = ${account}) AS apps,
    (SELECT count(*) FROM oauth_app_properties WHERE account_id = ${account}) AS properties,
    (SELECT count(*) FROM audit WHERE account_id = ${account}) AS audit`);
  return counts;
}

const allOf = (count: number) => ({ counter: count, apps: count, properties: count, audit: count });

test('a full batch of creates is one statement', async () => {
  // As many as a transaction takes, over several accounts.
  const full = 64;
  const query = vi.spyOn(pg.Client.prototype, 'query');
  const results = await Promise.all(
    Array.from({ length: full }, (_, index) => create(`together ${index % 4}`, `together ${index}`)),
  );
  const names = query.mock.calls.map(([config]) => (Object(config) as { name?: string }).name);
  query.mockRestore();
  expect(results).toEqual(Array(full).fill('created'));
  expect(names).toEqual(['oauth_apps_write_creates']);
});

test('a write that fails undoes no other of its batch', async () => {
  const ids = Array.from({ length: writes }, (_, index) => `faulty ${index}`);
  await create('faulty', 'taken');
  ids[writes / 2] = 'taken';
  const ends = await Promise.allSettled([...ids.map((id) => create('faulty', id)), create('beside', 'app')]);
  expect(ends.filter(({ status }) => status === 'rejected')).toEqual([
    expect.objectContaining({ reason: expect.objectContaining({ code: '23505' }) }),
  ]);
  expect(await countRows('faulty')).toEqual(allOf(writes));
  expect(await countRows('beside')).toEqual(allOf(1));
});

test('creates with known keys undo no others of their batch', async () => {
  await create('keyed', 'first', { key: 'known' });
  const results = await Promise.all([
    create('keyed', 'again', { key: 'known' }),
    create('keyed', 'second', { key: 'new' }),
    create('keyed beside', 'third', { key: 'known' }),
    create('keyed beside', 'fourth'),
    create('keyed full', 'fifth', { maxApps: 0 }),
  ]);
  expect(results).toEqual([{ fingerprint: 'first', response: 'first' }, 'created', 'created', 'created', 'full']);
  expect(await countRows('keyed')).toEqual(allOf(2));
  expect(await countRows('keyed beside')).toEqual(allOf(2));
  expect(await create('keyed beside', 'sixth', { key: 'known' })).toEqual({ fingerprint: 'third', response: 'third' });
});

test('parallel creates of two servers never pass the quota', async () => {
  const results = await Promise.all(
    Array.from({ length: writes }, (_, index) =>
      create('bounded', `bounded ${index}`, { maxApps: 25, from: index % 2 === 0 ? store : other }),
    ),
  );
  expect(results.filter((result) => result === 'created')).toHaveLength(25);
  expect(results.filter((result) => result === 'full')).toHaveLength(writes - 25);
  expect(await countRows('bounded')).toEqual(allOf(25));
});

test('an account that waits for a lock holds up no other', async () => {
  await create('locked', 'locked 0');
  await using holder = connectDatabase(database.url);
  await holder.rows(sql`BEGIN`);
  await holder.rows(sql`UPDATE accounts SET app_count = app_count WHERE id = 'locked'`);
  let isLockedSettled = false;
  const locked = Promise.allSettled(
    Array.from({ length: writes }, (_, index) => withDeadline(1_500, () => create('locked', `locked ${index + 1}`))),
  ).finally(() => {
    isLockedSettled = true;
  });
  const ids = Array.from({ length: writes }, (_, index) => `free ${index}`);
  const free = await Promise.all(ids.map((id, index) => create(`free ${index % 8}`, id)));
  expect([isLockedSettled, free]).toEqual([false, Array(writes).fill('created')]);
  for (const end of await locked)
    expect(end).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
  await holder.rows(sql`ROLLBACK`);
  expect(await countRows('locked')).toEqual(allOf(1));
});

test('a delete and an update of a batch see each other', async () => {
  await create('ordered', 'one');
  const audit = { at, accountId: 'ordered', tokenId: 't', requestId: 'r', operation: 'deleteOAuthApp', fields: [] };
  const results = await Promise.all([
    store.updateApp('ordered', 'one', change('A'), { audit, versions: [1] }),
    store.updateApp('ordered', 'one', change('B'), { audit, versions: [1] }),
    store.deleteApp('ordered', 'one', { audit, versions: [2] }),
    store.deleteApp('ordered', 'one', { audit }),
    create('ordered', 'two', { maxApps: 1 }),
  ]);
  expect(results).toEqual([
    expect.objectContaining({ name: 'A', version: 2 }),
    'changed',
    'deleted',
    'missing',
    'created',
  ]);
  expect(await countRows('ordered')).toMatchObject({ counter: 1, apps: 1, properties: 1 });
});

/** Adds a token of each account, with its hash. */
async function addTokens(accounts: readonly string[], from = store) {
  for (const id of accounts) {
    const token = { id: `token of ${id}`, accountId: id, hash: `hash of ${id}`, scopes: ['read'], createdAt: at };
    await from.addToken(token);
  }
}

/** Returns the names of the statements that work sends, and the values and rows that the driver has of them behind it. */
async function watchStatements(work: () => Promise<unknown>) {
  const query = vi.spyOn(pg.Client.prototype, 'query');
  await work();
  const configs = query.mock.calls.map(([config]) => Object(config) as { name?: string; values?: unknown[] });
  const results = (await Promise.all(query.mock.results.map(({ value }) => value))) as { rows: unknown[] }[];
  query.mockRestore();
  return {
    names: configs.map(({ name }) => name),
    kept: [configs.map(({ values }) => values), results.map(({ rows }) => rows)].flat(2),
  };
}

test('each lookup of a batch gets its own token', async () => {
  await addTokens(['usable', 'revoked']);
  await store.revokeToken('token of revoked', at);
  await create('usable', 'read');
  const hashes = ['usable', 'revoked', 'unknown', 'usable', 'revoked'].map((id) => `hash of ${id}`);
  const usable = { accountId: 'usable' };
  const revoked = { accountId: 'revoked', revokedAt: at };
  const expected = [usable, revoked, undefined, usable, revoked].map((one) => one && expect.objectContaining(one));
  let found: unknown;
  const lookUpAll = (...appIds: string[]) =>
    watchStatements(async () => {
      found = await Promise.all(hashes.map((hash, index) => store.findToken(hash, appIds[index])));
    });
  expect(await lookUpAll()).toMatchObject({ names: ['oauth_apps_find_tokens'] });
  expect(found).toEqual(expected);
  expect(await lookUpAll('read')).toMatchObject({ names: ['oauth_apps_find'] });
  expect(found).toEqual(expected.with(0, expect.objectContaining({ app: expect.objectContaining({ id: 'read' }) })));
});

test('a token that is revoked is found revoked by the next lookup', async () => {
  await addTokens(['ended']);
  const before = await Promise.all([store.findToken('hash of ended'), store.findToken('hash of ended')]);
  await other.revokeToken('token of ended', at);
  const after = await Promise.all([store.findToken('hash of ended'), store.findToken('hash of ended')]);
  expect([...before, ...after].map((token) => token?.revokedAt)).toEqual([undefined, undefined, at, at]);
});

test('lookups whose connection ends are all unavailable', async () => {
  await addTokens(['held']);
  await using holder = connectDatabase(database.url);
  await holder.rows(sql`BEGIN`);
  await holder.rows(sql`LOCK TABLE api_tokens IN ACCESS EXCLUSIVE MODE`);
  const lookups = Promise.allSettled(['held', 'held', 'unknown'].map((id) => store.findToken(`hash of ${id}`)));
  const waiting = sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
    AND wait_event_type = 'Lock' AND query LIKE '%FROM api_tokens%'`;
  await eventually(async () => expect(await database.rows(waiting)).toHaveLength(1));
  const rejected = { status: 'rejected', reason: expect.any(StoreUnavailable) };
  expect(await lookups).toMatchObject([rejected, rejected, rejected]);
  await holder.rows(sql`ROLLBACK`);
  expect(await store.findToken('hash of held')).toMatchObject({ accountId: 'held' });
});

test('the driver keeps no values and rows of a statement', async () => {
  await addTokens(['kept']);
  const { names, kept } = await watchStatements(() =>
    Promise.all([store.findToken('hash of kept'), create('kept', 'k')]),
  );
  expect([names.toSorted(), kept]).toEqual([['oauth_apps_find_tokens', 'oauth_apps_write_creates'], []]);
});

test('creates work on a database without their function', async () => {
  await database.rows(sql`DROP FUNCTION oauth_apps_write_creates`);
  const results = await Promise.all(['one', 'two'].map((id) => create('split', id)));
  expect(results).toEqual(['created', 'created']);
  expect(await countRows('split')).toEqual(allOf(2));
});

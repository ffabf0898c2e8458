import { randomUUID } from 'node:crypto';
import { CompiledQuery } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hashToken } from '../../server/keys/tokens.ts';
import type { AppFilter, AuditEntry, Store } from '../../server/store/store.ts';
import { fillDatabase, getAccount, makeFilter, makeId, makeToken } from '../bench/growth-data.ts';
import { plainApp } from '../helpers/app-records.ts';
import { createDatabase, type TestDatabase } from '../helpers/databases.ts';
import { changeOf } from '../store-tests/records.ts';
import { openRecordedStore } from './recorded-store.ts';

const amount = { apps: 20_000, appsEach: 20 };
const index = 12_345;
const [account, id] = [getAccount(index, amount), makeId(index)];
const at = '2026-01-02T00:00:00.000Z';
const audit: AuditEntry = {
  ...{ at, accountId: account, tokenId: 't', requestId: 'r', operation: 'createOAuthApp', fields: [] },
};
let database: TestDatabase;
let recorded: Awaited<ReturnType<typeof openRecordedStore>>;
beforeAll(async () => {
  database = await createDatabase();
  await fillDatabase(database.url, amount);
  recorded = await openRecordedStore(database.url);
});
afterAll(async () => {
  await recorded[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** A step of a query plan of PostgreSQL. */
interface Step {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Conflict Arbiter Indexes'?: string[];
  Plans?: Step[];
}

const listSteps = (step: Step): Step[] => [step, ...(step.Plans ?? []).flatMap(listSteps)];

/** The tables that a query scans completely, and the indexes that it uses. */
interface Use {
  readonly scanned: string[];
  readonly indexes: string[];
}

function readPostgresPlans(plans: readonly Step[]): Use {
  const steps = plans.flatMap(listSteps);
  const scans = steps.filter((step) => step['Node Type'] === 'Seq Scan');
  return {
    scanned: scans.map((step) => step['Relation Name'] ?? ''),
    indexes: steps.flatMap((step) => [step['Index Name'] ?? [], step['Conflict Arbiter Indexes'] ?? []].flat()),
  };
}

/** The names in PostgreSQL of the indexes that SQLite creates for UNIQUE and PRIMARY KEY. */
const sameIndexes: Readonly<Record<string, string>> = {
  'INTEGER PRIMARY KEY': 'audit_by_position',
  sqlite_autoindex_accounts_1: 'accounts_pkey',
  sqlite_autoindex_api_tokens_2: 'api_tokens_hash_key',
  sqlite_autoindex_idempotency_keys_1: 'idempotency_keys_key',
  sqlite_autoindex_oauth_app_properties_1: 'oauth_app_properties_key',
  sqlite_autoindex_oauth_apps_1: 'oauth_apps_id_key',
};

/** Reads a plan of SQLite. SCAN reads every row, SEARCH some; both may use an index. @see https://sqlite.org/eqp.html */
function readSqlitePlan(rows: Record<string, unknown>[]): Use {
  const details = rows.map(({ detail }) => String(detail));
  const search = /^SEARCH .* USING (?:(?:COVERING )?INDEX )?(INTEGER PRIMARY KEY|\w+)/;
  const indexes = details.flatMap((detail) => search.exec(detail)?.[1] ?? []);
  return {
    // A scan of a JSON array reads no table.
    scanned: details.flatMap((detail) => /^SCAN (?!json_each)(\w+)/.exec(detail)?.[1] ?? []),
    indexes: indexes.map((index) => sameIndexes[index] ?? index),
  };
}

/** The settings with which PostgreSQL tells the plans of a statement, and of those in its functions, to the client. */
const tellPlans = `LOAD 'auto_explain'; SET client_min_messages = log; SET auto_explain.log_min_duration = 0;
  SET auto_explain.log_nested_statements = on; SET auto_explain.log_format = json`;

/** Runs a statement on PostgreSQL and undoes it. Returns the plans. */
async function explainOnServer({ sql, parameters }: CompiledQuery): Promise<Use> {
  const client = new pg.Client(database.url);
  const plans: Step[] = [];
  client.on('notice', ({ message = '' }) => {
    const [, plan] = /^duration: .* plan:\n(.*)/s.exec(message) ?? [];
    if (plan !== undefined) plans.push((JSON.parse(plan) as { Plan: Step }).Plan);
  });
  await client.connect();
  await client.query(`${tellPlans}; BEGIN`);
  const { rows } = await client.query('SELECT id FROM oauth_apps WHERE account_id = $1 AND id <> $2', [account, id]);
  // The call has removed its app, or has taken its key and its ID: the plan is that for another one of the account.
  const text = JSON.stringify(parameters);
  const isDelete = text.includes('deleteOAuthApp');
  const another = sql.includes('oauth_apps_write_creates')
    ? text.replaceAll(createdId, randomUUID()).replaceAll(createdKey, randomUUID())
    : text.replaceAll(id, isDelete ? rows[0]?.id : id);
  const values = JSON.parse(another);
  await client.query(sql, values);
  // The plan of the statement itself comes at its end, which is the next one.
  await client.query('ROLLBACK');
  await client.end();
  return readPostgresPlans(plans);
}

/** Returns the plans of a statement. */
async function explain(query: CompiledQuery): Promise<Use> {
  if (inject('store') === 'postgres') return explainOnServer(query);
  const db = await database.connect();
  const explained = CompiledQuery.raw(`EXPLAIN QUERY PLAN ${query.sql}`, [...query.parameters]);
  return readSqlitePlan((await db.executeQuery<Record<string, unknown>>(explained)).rows);
}

const [createdId, createdKey] = [randomUUID(), randomUUID()];
const [byAccount, byProperty, byKey] = ['oauth_apps_by_account', 'oauth_app_properties_key', 'idempotency_keys_key'];
const page = (filter: AppFilter, limit?: number) => (store: Store) =>
  store.listApps(account, { filter, after: 1_000, limit });
const audited = (filter: Parameters<Store['listAudit']>[0]) => (store: Store) =>
  store.listAudit(filter)[Symbol.asyncIterator]().next();
const create = (store: Store) => {
  const app = { ...plainApp, id: createdId, account_id: account, created_at: at, updated_at: at };
  const idempotency = { key: createdKey, fingerprint: 'f', response: '{}', expiredAt: '2025-01-01T00:00:00Z' };
  return store.createApp(app, { properties: ['p'], maxApps: 1_000, audit, idempotency });
};

/** Calls of the store, and the indexes that their statements must use. */
const calls: [name: string, indexes: string[], call: (store: Store) => Promise<unknown>][] = [
  ['a token lookup', ['api_tokens_hash_key'], (store) => store.findToken(hashToken(makeToken(account)))],
  ['an app lookup', ['oauth_apps_id_key'], (store) => store.findApp(account, id)],
  ['a whole list', [byAccount], page({})],
  ['a page', [byAccount], page({}, 100)],
  ['a page of one provider', [byAccount], page({ provider: 'stripe' }, 100)],
  ['a page of one health', [byAccount], page({ secret_key_id: { in: ['k20260101abcd'] } }, 100)],
  ['a page of another health', [byAccount], page({ secret_key_id: { notIn: ['k20260101abcd'] } }, 100)],
  ['a page of one property', [byProperty], page({ properties: makeFilter(1).slice(1) }, 100)],
  ['a page of two properties', [byProperty], page({ properties: makeFilter(1) }, 100)],
  ['all filters together', [byProperty], page({ properties: makeFilter(1), provider: 'stripe' }, 100)],
  ['a reveal', [byAccount], (store) => store.revealApps(account, { after: 1_000 }, { audit, open: ({ id }) => id })],
  ['a create', [byKey], create],
  ['a repeated create', [byKey], create],
  ['a purge', ['idempotency_keys_by_time'], (store) => store.purgeResponses('2025-01-01T00:00:00Z')],
  [
    'an update',
    ['oauth_apps_id_key', 'oauth_app_properties_by_app'],
    (store) => store.updateApp(account, id, changeOf({ properties: ['p'], updated_at: at }), { audit }),
  ],
  [
    'an update with a stale version',
    ['oauth_apps_id_key'],
    (store) => store.updateApp(account, id, changeOf({ updated_at: at }), { audit, versions: [9] }),
  ],
  [
    'a delete',
    ['oauth_apps_id_key', 'accounts_pkey'],
    (store) => store.deleteApp(account, id, { audit: { ...audit, operation: 'deleteOAuthApp' } }),
  ],
  ['the audit of an account', ['audit_by_account'], audited({ accountId: account })],
  ['the audit of all', ['audit_by_position'], audited({})],
];

describe(`on ${inject('store')} an index is used by`, () => {
  let [statements, scans] = [0, 0];
  afterAll(() => console.log(`query plans: ${calls.length} calls, ${statements} statements, ${scans} full scans`));

  test.each(calls)('%s', async (_name, expected, call) => {
    const queries = await recorded.record(() => call(recorded.store));
    const uses = await Promise.all(queries.filter(({ sql }) => !/^(begin|commit)/i.test(sql)).map(explain));
    const scanned = uses.flatMap((use) => use.scanned);
    [statements, scans] = [statements + uses.length, scans + scanned.length];
    expect(scanned).toEqual([]);
    expect(uses.flatMap(({ indexes }) => indexes)).toEqual(expect.arrayContaining(expected));
  });
});

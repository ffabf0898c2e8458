// @databases postgres
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditEntry, Store } from '../../server/store/store.ts';
import { createStoreDatabase, type TestDatabase } from '../helpers/databases.ts';
import { root } from '../helpers/process.ts';
import { openRecordedStore } from '../store/recorded-store.ts';

/** Tables that every shard has whole, or that stay where the migrations run: what they hold is not an account's. */
const wholeTables = ['api_tokens', 'installation', 'kysely_migration', 'kysely_migration_lock'];
/** The column that a table is split by, where it is not `account_id`. */
const otherColumns: Readonly<Record<string, string>> = { accounts: 'id', request_counts: 'key' };
const columnOf = (table: string) => otherColumns[table] ?? 'account_id';

let database: TestDatabase;
let recorded: Awaited<ReturnType<typeof openRecordedStore>>;
beforeAll(async () => {
  database = await createStoreDatabase();
  recorded = await openRecordedStore(database.url);
});
afterAll(async () => {
  await recorded[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const listTables = async () =>
  (await database.rows(sql`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)).map(
    ({ tablename }) => String(tablename),
  );

test('every unique key and foreign key holds the account', async () => {
  const keys = await database.rows(sql`SELECT c.relname AS table, i.relname AS key, ARRAY(
      SELECT attname::text FROM pg_attribute WHERE attrelid = x.indexrelid ORDER BY attnum) AS columns
    FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE x.indisunique AND n.nspname = 'public'`);
  const split = keys.filter(({ table }) => !wholeTables.includes(String(table)));
  expect(split.length).toBeGreaterThan(5);
  expect(split.filter(({ table, columns }) => !(columns as string[]).includes(columnOf(String(table))))).toEqual([]);
  expect(await database.rows(sql`SELECT conname FROM pg_constraint WHERE contype = 'f'`)).toEqual([]);
});

const audit: AuditEntry = {
  ...{ at: '', accountId: 'acme', tokenId: 't', requestId: 'r', operation: 'listOAuthApps', fields: [] },
};
const filter = { provider: 'stripe', secret_key_id: { in: ['k'] }, properties: ['p'] };
const hot: [name: string, call: (store: Store) => Promise<unknown>][] = [
  ['a lookup of a token with its app', (store) => store.findToken('h', 'id')],
  ['a lookup of an app', (store) => store.findApp('acme', 'id')],
  ['a list', (store) => store.listApps('acme', { filter })],
  ['a reveal', (store) => store.revealApps('acme', {}, { audit, open: ({ id }) => id })],
];

test.each(hot)('%s names the account', async (_name, call) => {
  const texts = (await recorded.record(() => call(recorded.store))).map((query) => query.sql);
  const reads = texts.filter((text) => /\bFROM "?oauth_app/i.test(text));
  expect(reads.length).toBeGreaterThan(0);
  for (const text of reads) expect(text).toMatch(/"?account_id"? = (?:\$|token\.account_id)/);
});

test('every statement of a write names the account', async () => {
  const functions = await database.rows(sql`SELECT prosrc FROM pg_proc WHERE proname LIKE 'oauth_apps_write%'`);
  expect(functions).toHaveLength(2);
  const statements = functions
    .flatMap(({ prosrc }) => String(prosrc).split(/;|\bTHEN\b|\bLOOP\b|^ {2}\)/m))
    .filter((text) => /\b(?:FROM|UPDATE|INTO) (?:oauth_app|idempotency_keys|accounts|audit)/.test(text));
  expect(statements.length).toBeGreaterThan(10);
  for (const text of statements)
    expect(text).toMatch(
      /account_id = account|\.id = account|\(account,|, account,|SELECT account,|[aw]\.account_id,|unnest\(ids/,
    );
});

test('the guide splits every table by its account', async () => {
  const guide = await readFile(join(root, '.github/OPERATING.md'), 'utf8');
  for (const table of await listTables()) {
    if (table.startsWith('kysely_')) continue;
    const statement = wholeTables.includes(table)
      ? `SELECT create_reference_table('${table}');`
      : `SELECT create_distributed_table('${table}', '${columnOf(table)}'`;
    expect(guide).toContain(statement);
  }
});

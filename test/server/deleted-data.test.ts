import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, inject, test } from 'vitest';
import type { Schema } from '../../openapi/generate/bundle.ts';
import { silentLog } from '../../server/log.ts';
import { purgeResponses } from '../../server/process/purge.ts';
import { openConnection } from '../../server/store/dialects/sqlite-file.ts';
import { tableNames } from '../../server/store/sql/tables.ts';
import { StoreUnavailable } from '../../server/store/store.ts';
import { backUp } from '../../server/store/transfer/backup.ts';
import { openAccount, targetFor } from '../helpers/accounts.ts';
import { getFile, makeTables } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { createDeployment } from '../helpers/server-process.ts';
import { isSoak, soak } from '../helpers/soak.ts';
import { fieldSchema, type Json, resources, type TestedResource } from '../resources.ts';
import { readDatabaseFiles } from './database-files.ts';

const valid = example('CreateOAuthApp');
const apps = '/v1/oauth-apps';
const isSqlite = inject('store') === 'sqlite';
const count = soak(60, 400);
const start = Date.parse('2026-01-01T00:00:00Z');

/** Starts a server on a database whose writer is the one of a file. */
async function startOnFile(now?: () => Date) {
  const server = await startServer({ now, hasWriterThread: isSqlite });
  const http = createHttpClient(server.url, server.token);
  return {
    ...server,
    http,
    async [Symbol.asyncDispose]() {
      http.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const canaryOf = (index: number) => `[canary ${index} ${'x'.repeat(index % 50)}]`;

const readEnvelopes = async ({ database }: TestServer, { table, secrets }: TestedResource) =>
  (await database.rows(sql`SELECT * FROM ${sql.table(table)} ORDER BY position`)).map((row) =>
    secrets.map(({ field }) => String(row[field]).split('.').slice(2, 4).join('.')),
  );

/** Lists the canaries that bytes contain. */
const findHits = (bytes: Buffer, canaries: readonly string[]) => canaries.filter((canary) => bytes.includes(canary));

/** Returns values full of a canary for the fields of a create that take it: texts, secrets and open objects. */
function fillFields(resource: TestedResource, canary: string, padding: string): Json {
  const makeValue = (field: string) => {
    const schema = fieldSchema(resource.operation('create'), field) as Schema & { enum?: unknown; format?: string };
    if (field in resource.references || schema.enum !== undefined || schema.format !== undefined) return undefined;
    if (schema.type === 'object') return { canary, padding };
    return schema.type === 'string' && new RegExp(schema.pattern ?? '', 'u').test(canary) ? canary : undefined;
  };
  const fields = Object.keys(resource.newBodies[0] ?? {}).map((field) => [field, makeValue(field)] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

type Server = Awaited<ReturnType<typeof startOnFile>>;

/** The canaries that have to be gone, and one that stays. */
interface Canaries {
  readonly gone: readonly string[];
  readonly kept: string;
}

/** Creates records full of canaries, by keyed requests, and deletes two of three, some after an update that moves them. */
async function deleteMost(server: Server, resource: TestedResource): Promise<Canaries> {
  const account = await openAccount(server, server.http);
  const nameOf = (index: number) => `${resource.name} ${canaryOf(index)}`;
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const replaced = fillFields(resource, nameOf(index), 'p'.repeat((index * 97) % 3_000));
    const { status, json } = await account.create(resource, { replaced, headers: { 'Idempotency-Key': `k${index}` } });
    expect([status, Object.keys(replaced).length > 0]).toEqual([200, true]);
    ids.push(json.id);
  }
  const envelopes = await readEnvelopes(server, resource);
  const gone = ids.map((id, index) => ({ id, index })).filter(({ index }) => index % 3 !== 0);
  const body = fillFields(resource, 'moved', 'q'.repeat(6_000));
  const changeable = new Set(resource.changes.flatMap((change) => Object.keys(change)));
  const changes = Object.fromEntries(Object.entries(body).filter(([field]) => changeable.has(field)));
  for (const { id } of gone.filter(({ index }) => index % 2 === 0 && Object.keys(changes).length > 0))
    await account.send(await targetFor(account, resource.operation('update'), id), { body: changes });
  for (const { id } of gone)
    expect((await account.send(await targetFor(account, resource.operation('delete'), id))).status).toBe(200);
  return { gone: gone.flatMap(({ index }) => [nameOf(index), ...(envelopes[index] ?? [])]), kept: nameOf(0) };
}

/** Deletes most of every resource, purges stored responses and thins the audit. */
async function deleteEverywhere(
  server: Server,
): Promise<Canaries & { readonly count: Readonly<Record<string, number>> }> {
  const all: Canaries[] = [];
  for (const resource of resources) all.push(await deleteMost(server, resource));
  const stored = await server.database.rows(sql`SELECT key, fingerprint FROM idempotency_keys`);
  const responses = stored.flatMap(({ key, fingerprint }) => [String(key), String(fingerprint)]);
  expect(responses.length).toBeGreaterThan(count);
  await purgeResponses(server.store, silentLog, new Date(Date.now() + 2 * 86_400_000));
  const at = '2020-01-01T00:00:00.000Z';
  const rows = Array.from({ length: count }, (_, index) => `audit ${canaryOf(index)}`);
  const entry = { at, accountId: 'a', tokenId: 't', operation: 'o', fields: [] };
  for (const requestId of rows) await server.store.addAudit({ ...entry, requestId });
  expect(await server.store.thinAudit('2020-01-02', rows.length, { ...entry, requestId: '-' })).not.toBe('changed');
  const records = all.flatMap(({ gone }) => gone);
  const kept = all[0]?.kept ?? '';
  const figures = { records: records.length, responses: responses.length, audit: rows.length };
  return { gone: [...records, ...responses, ...rows], kept, count: figures };
}

describe('what was deleted is gone', () => {
  test.runIf(isSqlite)('from file, log and a backup made later', async () => {
    await using server = await startOnFile();
    const { gone: canaries, kept, count: figures } = await deleteEverywhere(server);
    const file = getFile(server.database);
    // The write-ahead log is emptied within a second or two.
    await eventually(async () => expect((await stat(`${file}-wal`)).size).toBe(0));
    const copy = join(file, '..', 'copy.db');
    await backUp(file, copy, () => {});
    const hits = {
      files: findHits(await readDatabaseFiles(server.database), canaries).length,
      backup: findHits(await readFile(copy), canaries).length,
    };
    console.log(`deleted data on sqlite: ${JSON.stringify(figures)} canaries, hits: ${JSON.stringify(hits)}`);
    expect(hits).toEqual({ files: 0, backup: 0 });
    expect(findHits(await readFile(copy), [kept])).toEqual([kept]);
  });

  test.runIf(!isSqlite)('from rows at once, from files after VACUUM FULL', async () => {
    await using server = await startOnFile();
    const { gone: canaries, count: figures } = await deleteEverywhere(server);
    const { rows } = server.database;
    const tables = tableNames;
    // The rows that pg_dump reads.
    const dump = await Promise.all(tables.map((table) => rows(sql`SELECT * FROM ${sql.table(table)}`)));
    const before = await readTables(server);
    const hits = {
      rows: findHits(Buffer.from(JSON.stringify(dump)), canaries).length,
      filesBefore: findHits(before, canaries).length,
    };
    console.log(`deleted data on postgres: ${JSON.stringify(figures)} canaries, hits: ${JSON.stringify(hits)}`);
    expect(hits).toMatchObject({ rows: 0 });
    // VACUUM FULL keeps what an older transaction sees, such as one of autovacuum's.
    await eventually(async () => {
      for (const table of tables) await rows(sql`VACUUM FULL ${sql.table(table)}`);
      expect(findHits(await readTables(server), canaries)).toEqual([]);
    });
    // The write-ahead log keeps them until its files are used again, which no statement forces.
    if (isSoak) console.log(`${findHits(await readDatabaseFiles(server.database), canaries).length} hits in pg_wal`);
  });

  test('while its repeated create still gets the first response', async () => {
    await using server = await startOnFile();
    const create = { body: { ...valid, name: 'gone soon' }, headers: { 'Idempotency-Key': 'repeated' } };
    const first = await server.http.send(`POST ${apps}`, create);
    await server.http.send(`DELETE ${apps}/${first.json.id}`);
    const [stored] = await server.database.rows(sql`SELECT * FROM idempotency_keys`);
    expect(JSON.stringify(stored)).not.toMatch(/gone soon|Acme|client_id/);
    expect((await server.http.send(`POST ${apps}`, create)).text).toBe(first.text);
  });
});

/** Reads the files of all tables and indexes of a PostgreSQL database, without the write-ahead log. */
async function readTables({ database }: TestServer): Promise<Buffer> {
  await database.rows(sql`CHECKPOINT`);
  const relations = await database.rows(sql`
    SELECT pg_relation_filepath(oid) AS file FROM pg_class
    WHERE relkind IN ('r', 'i', 't') AND relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)
      AND pg_relation_filepath(oid) IS NOT NULL AND oid >= 16384`);
  const [settings] = await database.rows(sql`SELECT current_setting('data_directory') AS folder`);
  const files = relations.map(({ file }) => join(String(settings?.folder), String(file)));
  return Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
}

test('stored responses of every account are purged on time', async () => {
  let clock = start;
  await using server = await startOnFile(() => new Date(clock));
  const tokens = [
    server.token,
    await server.createToken({ accountId: 'a' }),
    await server.createToken({ accountId: 'b' }),
  ];
  const countStored = async () =>
    Number((await server.database.rows(sql`SELECT count(*) AS n FROM idempotency_keys`))[0]?.n);
  for (const token of tokens) {
    await server.http.send(`POST ${apps}`, { body: valid, token, headers: { 'Idempotency-Key': 'k' } });
    clock += 60_000;
  }
  const purge = (time: number) => purgeResponses(server.store, silentLog, new Date(time));
  const day = 86_400_000;
  await purge(start + day);
  expect(await countStored()).toBe(3);
  await purge(start + day + 1_000);
  expect(await countStored()).toBe(2);
  await purge(start + day + 10 * 60_000);
  expect(await countStored()).toBe(0);
});

test('a server that starts purges what expired while none ran', async () => {
  await using deployment = await createDeployment();
  await makeTables(deployment.database);
  const { rows } = deployment.database;
  for (const [key, at] of [
    ['old', '2026-01-01T00:00:00.000Z'],
    ['new', new Date().toISOString()],
  ])
    await rows(sql`INSERT INTO idempotency_keys (account_id, key, fingerprint, response, created_at)
      VALUES ('a', ${key}, 'f', '{}', ${at})`);
  await using _server = await deployment.startServerHere();
  await eventually(async () => expect(await rows(sql`SELECT key FROM idempotency_keys`)).toEqual([{ key: 'new' }]));
});

test('a purge that fails is logged and does not throw', async () => {
  const codes: string[] = [];
  const log = { ...silentLog, unavailable: (_id: string | undefined, code: string) => void codes.push(code) };
  const store = { purgeResponses: () => Promise.reject(new StoreUnavailable('SQLITE_FULL')) };
  await purgeResponses(store, log, new Date());
  expect(codes).toEqual(['SQLITE_FULL']);
});

test.runIf(isSqlite)('every connection overwrites what it deletes', async () => {
  await using server = await startOnFile();
  const connection = openConnection(getFile(server.database));
  expect(connection.prepare('PRAGMA secure_delete').all([])).toEqual([{ secure_delete: 1 }]);
  connection.close();
});

import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { recordKeyUse } from '../../server/keys/key-source.ts';
import { mintToken } from '../../server/keys/tokens.ts';
import { silentLog } from '../../server/log.ts';
import { applyApiToken } from '../../server/process/operator-token.ts';
import { openStore } from '../../server/store/open-store.ts';
import { runCommandHere } from '../helpers/commands.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { createDeployment, type Deployment } from '../helpers/server-process.ts';

const apps = '/v1/oauth-apps';
const valid = example('CreateOAuthApp');
const [oldKey, newKey] = [makeKeyLine(new Date()), makeKeyLine(new Date())];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oauth-apps-audit-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs work with a server of this process on a deployment. */
async function onServer(
  { database }: Deployment,
  secretKeys: string,
  work: (server: TestServer, send: ReturnType<typeof createHttpClient>['send']) => Promise<void>,
) {
  const store = await openStore(database.url);
  await using server = await startServer({ store, secretKeys });
  await recordKeyUse(store, server.keyRing);
  const http = createHttpClient(server.url, server.token);
  await work(server, http.send);
  http.close();
  await store.close();
}

/** Does what a day brings: tokens, keys, writes, reveals, and on SQLite a restore. */
async function spendDay(deployment: Deployment) {
  const day = async (...words: string[]) => {
    const result = await deployment.runCommand(words, { SECRET_KEYS: `${newKey},${oldKey}` });
    expect(result.code, result.stderr).toBe(0);
    return result.stdout;
  };
  await onServer(deployment, oldKey, async ({ store }, send) => {
    const settings = { host: '127.0.0.1' };
    const now = new Date();
    await applyApiToken({ ...settings, apiToken: mintToken() }, store, silentLog, now);
    await applyApiToken({ ...settings, apiToken: mintToken() }, store, silentLog, now);
    const { id } = (await send(`POST ${apps}`, { body: valid })).json;
    await send(`POST ${apps}`, { body: valid });
    await send(`PATCH ${apps}/${id}`, { body: { client_secret: 'new' } });
    await send(`GET ${apps}?truncate_secrets=false`);
    await send(`GET ${apps}?truncate_secrets=false&limit=1`);
    await send(`DELETE ${apps}/${id}`);
  });
  const created = await day('token', 'create', '--scopes', 'read', '--account', 'acme', '--name', 'report');
  await day('token', 'revoke', /^Token (\S+)/.exec(created)?.[1] ?? '');
  await day('rotate-keys');
  if (inject('store') === 'sqlite') {
    await deployment.database.disconnect();
    await day('backup', join(folder, 'day.db'));
    await day('restore', '--from', join(folder, 'day.db'));
  } else await day('restore', '--finish', '--keep-tokens');
  return { table: await day('audit', '--table'), rows: await day('audit') };
}

test('the audit of a day tells who changed who may do what', async () => {
  await using deployment = await createDeployment();
  const { table, rows } = await spendDay(deployment);
  console.log(`audit of a day on ${inject('store')}:\n${table}`);
  const facts = rows
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([, , by = '', operation, app, fields, of = '']) => [
      /^(server|command):/.exec(by)?.[1] ?? 'token',
      operation,
      app === '-' ? '-' : 'app',
      fields,
      of.split(',').filter((each) => each !== '-').length,
    ]);
  expect(facts).toEqual([
    ['server', 'token create', '-', 'read,write,reveal', 1],
    ['server', 'token create', '-', 'read,write,reveal', 1],
    ['server', 'token revoke', '-', '-', 1],
    ['token', 'createOAuthApp', 'app', Object.keys(valid).join(','), 0],
    ['token', 'createOAuthApp', 'app', Object.keys(valid).join(','), 0],
    ['token', 'updateOAuthApp', 'app', 'client_secret', 0],
    ['token', 'listOAuthApps', '-', 'client_secret', 2],
    ['token', 'listOAuthApps', '-', 'client_secret', 1],
    ['token', 'deleteOAuthApp', 'app', '-', 0],
    ['command', 'token create', '-', 'read', 1],
    ['command', 'token revoke', '-', '-', 1],
    ['command', 'rotate-keys', '-', 'client_secret', 1],
    ['command', 'restore', '-', 'revoked:0', 0],
  ]);
  const [head = '', ...lines] = table.trimEnd().split('\n');
  expect(head.split(/ {2,}/)).toEqual(['at', 'account', 'token', 'operation', 'app', 'fields', 'of', 'request']);
  expect(lines).toHaveLength(facts.length);
  const column = head.indexOf('operation');
  for (const line of lines) expect(line.slice(column - 2, column)).toBe('  ');
  for (const text of ['(API_TOKEN)', '(report)', 'listOAuthApps (reveal)']) expect(table).toContain(text);
  for (const value of [valid.client_secret, valid.name, 'oar_']) expect(table).not.toContain(value);
});

test('a table stays readable beside a reveal of many apps', async () => {
  await using server = await startServer();
  const subjects = Array.from({ length: 1_000 }, () => randomUUID());
  const entry = { at: new Date().toISOString(), accountId: 'acme', tokenId: randomUUID(), requestId: randomUUID() };
  await server.store.addAudit({ ...entry, operation: 'listOAuthApps', fields: ['client_secret'], subjects });
  const run = (option: string) =>
    runCommandHere(['audit', '--account', 'acme', option], { DATABASE_URL: server.database.url });
  const lines = (await run('--table')).stdout.trimEnd().split('\n');
  expect(lines[1]).toContain(`${subjects.slice(0, 3).join(',')} and 997 more`);
  for (const line of lines) expect(line.length).toBeLessThan(300);
  expect(JSON.parse((await run('--json')).stdout).of).toEqual(subjects);
});

describe('the audit is thinned', () => {
  const old = '2020-05-01T00:00:00.000Z';
  async function createAudit() {
    const deployment = await createDeployment();
    const store = await openStore(deployment.database.url);
    for (let index = 0; index < 5; index += 1)
      await store.addAudit({
        ...{ at: index < 3 ? old : new Date().toISOString(), accountId: 'acme', tokenId: 't', requestId: `r${index}` },
        ...{ operation: 'listOAuthApps', fields: ['client_secret'], subjects: [`a${index}`, 'b'] },
      });
    await store.close();
    return deployment;
  }
  let number = 0;
  const thin = (deployment: Deployment, before: string, file = join(folder, `thin-${++number}.jsonl`)) =>
    deployment.runCommand(['thin-audit', '--before', before, '--output', file]).then((end) => ({ ...end, file }));

  test('into a file of its owner, and records that', async () => {
    await using deployment = await createAudit();
    const { code, stdout, file } = await thin(deployment, '2021-01-01');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^3 rows from before 2021-01-01T/) });
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject(
      [0, 1, 2].map((at) => ({ requestId: `r${at}`, subjects: [`a${at}`, 'b'] })),
    );
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const rows = await deployment.database.rows(
      sql`SELECT operation, request_id, subjects FROM audit ORDER BY position`,
    );
    expect(rows).toMatchObject([
      { request_id: 'r3' },
      { request_id: 'r4' },
      { operation: 'thin-audit', subjects: '2021-01-01T00:00:00.000Z 3' },
    ]);
  });

  test('and rejects changes again afterwards', async () => {
    await using deployment = await createAudit();
    expect((await thin(deployment, '2021-01-01')).code).toBe(0);
    for (const change of [sql`DELETE FROM audit`, sql`UPDATE audit SET token_id = 'x'`])
      await expect(deployment.database.rows(change)).rejects.toThrow('audit is append-only');
    expect((await thin(deployment, '2021-01-01')).stdout).toMatch(/^0 rows/);
  });

  test('not at all where the count differs', async () => {
    await using deployment = await createAudit();
    const store = await openStore(deployment.database.url);
    const entry = { at: old, accountId: '-', tokenId: 'x', requestId: '-', operation: 'thin-audit', fields: [] };
    expect(await store.thinAudit('2021-01-01', 2, entry)).toBe('changed');
    const rows = [];
    for await (const row of store.listAudit({})) rows.push(row);
    expect(rows).toHaveLength(5);
    await store.close();
    await expect(deployment.database.rows(sql`DELETE FROM audit`)).rejects.toThrow('audit is append-only');
  });

  test('not of the future, nor over a file', async () => {
    await using deployment = await createAudit();
    for (const before of ['2999-01-01', '7', '']) expect((await thin(deployment, before)).code).toBe(2);
    const { file } = await thin(deployment, '2019-01-01');
    expect(await thin(deployment, '2021-01-01', file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('EEXIST'),
    });
  });
});

import { existsSync } from 'node:fs';
import { copyFile, lstat, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { hashToken } from '../../server/keys/tokens.ts';
import { openStore } from '../../server/store/open-store.ts';
import { backUp } from '../../server/store/transfer/backup.ts';
import { restore } from '../../server/store/transfer/restore.ts';
import { connectDatabase, getFile } from '../helpers/databases.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { createDeployment } from '../helpers/server-process.ts';

const isSqlite = inject('store') === 'sqlite';
const apps = '/v1/oauth-apps';
const valid = example('CreateOAuthApp');
const keys = makeKeyLine(new Date());
const settings = { SECRET_KEYS: keys };

/** The validators and cursors that clients hold from before a restore. */
interface Held {
  readonly id: string;
  readonly etag: string;
  readonly cursor: string;
  readonly create: { readonly body: object; readonly headers: Record<string, string> };
}

type Http = ReturnType<typeof createHttpClient>;

/** Creates apps, updates one, and returns what a client holds of them. */
async function makeHistory(http: Http): Promise<Held> {
  const create = { body: { ...valid, client_secret: 'first' }, headers: { 'Idempotency-Key': 'kept' } };
  const { id } = (await http.send(`POST ${apps}`, create)).json;
  await http.send(`POST ${apps}`, { body: valid });
  const { headers } = await http.send(`PATCH ${apps}/${id}`, { body: { name: 'Second' } });
  const { next_cursor } = (await http.send(`GET ${apps}?limit=1`)).json;
  return { id, etag: String(headers.etag), cursor: next_cursor, create };
}

/** Expects that nothing of before a restore is taken for something of now. */
async function expectNewHistory(http: Http, { id, etag, cursor, create }: Held) {
  const stale = await http.send(`PATCH ${apps}/${id}`, { headers: { 'If-Match': etag }, body: { name: 'Stale' } });
  expect(stale.status).toBe(412);
  expect((await http.send(`GET ${apps}/${id}`, { headers: { 'If-None-Match': etag } })).status).toBe(200);
  expect((await http.send(`GET ${apps}?limit=1&cursor=${cursor}`)).status).toBe(422);
  const again = await http.send(`POST ${apps}`, create);
  expect([again.status, again.json.id === id]).toEqual([200, false]);
}

/** Runs work on a server of this process on a database. */
async function onServer<Result>(url: string, token: string, work: (http: Http, server: TestServer) => Promise<Result>) {
  const store = await openStore(url);
  await using server = await startServer({ store, secretKeys: keys });
  const http = createHttpClient(server.url, token);
  try {
    return await work(http, server);
  } finally {
    http.close();
    await store.close();
  }
}

let token = '';
let revoked = '';

/** Adds tokens with all scopes, by their ids. */
async function addTokens(url: string, tokens: Readonly<Record<string, string>>) {
  const store = await openStore(url);
  for (const [id, value] of Object.entries(tokens)) {
    const record = { hash: hashToken(value), scopes: ['read', 'write', 'reveal'], createdAt: '2026-01-01T00:00:00Z' };
    await store.addToken({ id, accountId: 'default', ...record });
  }
  await store.close();
}

describe.runIf(isSqlite)('restore of a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oauth-apps-restore-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  let deployment: Awaited<ReturnType<typeof createDeployment>>;
  let held: Held;
  let backup: string;
  let number = 0;
  beforeEach(async () => {
    deployment = await createDeployment();
    const { url } = deployment.database;
    number += 1;
    [token, revoked] = [`token-of-the-restore-${number}`, `revoked-later-${number}`];
    await addTokens(url, { used: token, revoked });
    held = await onServer(url, token, makeHistory);
    backup = join(folder, `backup-${number}.db`);
    await backUp(getFile(deployment.database), backup, () => {});
  });
  const runRestore = (...options: string[]) =>
    deployment.runCommand(['restore', '--from', backup, ...options], settings);

  test('keeps revocations and the audit, and ends what clients hold', async () => {
    await using _ = deployment;
    const { url } = deployment.database;
    await onServer(url, token, async (http, { store }) => {
      await store.revokeToken('revoked', '2026-02-01T00:00:00Z');
      await http.send(`PATCH ${apps}/${held.id}`, { body: { client_secret: 'second' } });
      await http.send(`DELETE ${apps}/${held.id}`);
    });
    const { code, stdout, stderr } = await runRestore();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Database: ${url}.\n`);
    expect(stdout).toMatch(
      /Restored 2 OAuth apps\..*no longer known\.\n1 tokens are revoked.*\n2 audit rows .* are kept\.\nThe former database is .+\.before-\d+\./s,
    );
    await onServer(url, token, async (http) => {
      expect((await http.send(`GET ${apps}`, { token: revoked })).status).toBe(401);
      const revealed = (await http.send(`GET ${apps}?truncate_secrets=false`)).json.data;
      expect(revealed.map(({ client_secret }: { client_secret: string }) => client_secret)).toContain('first');
      await expectNewHistory(http, held);
    });
    const rows = await deployment.database.rows(sql`SELECT operation, fields FROM audit ORDER BY position`);
    const operations = rows.map(({ operation }) => operation);
    expect(operations.slice(0, 6)).toEqual([
      ...['createOAuthApp', 'createOAuthApp', 'updateOAuthApp', 'updateOAuthApp', 'deleteOAuthApp', 'restore'],
    ]);
    expect(rows[5]?.fields).toBe('revoked:1');
    const names = await readdir(dirname(getFile(deployment.database)));
    expect(names.filter((name) => name.includes('.restore'))).toEqual([]);
    expect((await stat(getFile(deployment.database))).mode & 0o777).toBe(0o600);
  });

  test('follows a symbolic link to the database', async () => {
    await using _ = deployment;
    const file = getFile(deployment.database);
    await deployment.database.disconnect();
    const link = join(folder, `link-${number}.db`);
    await symlink(file, link);
    const audit = { at: '2026-03-01', accountId: '-', tokenId: '-', requestId: '-', operation: 'restore', fields: [] };
    const { formerFile } = await restore(backup, link, { keepTokens: false, audit, check: async () => {} });
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(formerFile).toBe(`${await realpath(file)}.before-20260301`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('without the former database revokes every token', async () => {
    await using _ = deployment;
    const file = getFile(deployment.database);
    await deployment.database.disconnect();
    for (const suffix of ['', '-wal', '-shm']) await rm(file + suffix, { force: true });
    const { code, stdout } = await runRestore();
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d tokens are revoked/m) });
    await onServer(deployment.database.url, token, async (http) => {
      expect((await http.send(`GET ${apps}`)).status).toBe(401);
    });
  });

  test('keeps tokens without the former database on request', async () => {
    await using _ = deployment;
    const file = getFile(deployment.database);
    await deployment.database.disconnect();
    for (const suffix of ['', '-wal', '-shm']) await rm(file + suffix, { force: true });
    await writeFile(file, 'damaged '.repeat(1_000));
    const { code, stdout } = await runRestore('--keep-tokens');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('No token had to be revoked') });
    await onServer(deployment.database.url, token, (http) => expectNewHistory(http, held));
  });

  test('twice never uses a version again', async () => {
    await using _ = deployment;
    expect((await runRestore()).code).toBe(0);
    const { url } = deployment.database;
    const between = await onServer(url, token, async (http) => {
      const { headers, json } = await http.send(`PATCH ${apps}/${held.id}`, { body: { name: 'Between' } });
      return {
        ...held,
        etag: String(headers.etag),
        id: json.id,
        cursor: (await http.send(`GET ${apps}?limit=1`)).json.next_cursor,
      };
    });
    expect((await runRestore()).code).toBe(0);
    await onServer(url, token, (http) => expectNewHistory(http, between));
  });

  test('with keys that open nothing restores nothing', async () => {
    await using _ = deployment;
    const before = await deployment.database.rows(sql`SELECT * FROM audit`);
    await deployment.database.disconnect();
    const { code, stderr } = await deployment.runCommand(['restore', '--from', backup], {
      SECRET_KEYS: makeKeyLine(new Date()),
    });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/open no secret in the database/) });
    expect(await deployment.database.rows(sql`SELECT * FROM audit`)).toEqual(before);
    const names = await readdir(dirname(getFile(deployment.database)));
    expect(names.filter((name) => /restore|before/.test(name))).toEqual([]);
  });

  test('beside a running server restores nothing', async () => {
    await using _ = deployment;
    await onServer(deployment.database.url, token, async (http) => {
      const { code, stderr } = await runRestore();
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/is in use\. Stop the servers/) });
      expect((await http.send(`GET ${apps}/${held.id}`)).status).toBe(200);
    });
  });

  test('of what is no backup restores nothing', async () => {
    await using _ = deployment;
    for (const [name, text] of [
      ['text.db', 'text '.repeat(1_000)],
      ['empty.db', ''],
    ] as const) {
      await writeFile(join(folder, name), text);
      const { code } = await deployment.runCommand(['restore', '--from', join(folder, name)], settings);
      expect(code).toBe(1);
    }
    const { code, stderr } = await deployment.runCommand(['restore', '--from', join(folder, 'none')], settings);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'The backup does not exist. Name a file that `backup` made.\n',
    });
    await copyFile(backup, join(folder, 'again.db'));
    expect(existsSync(getFile(deployment.database))).toBe(true);
  });
});

describe.runIf(!isSqlite)('restore of PostgreSQL', () => {
  test('completes what pg_restore has put back', async () => {
    await using deployment = await createDeployment();
    const { url } = deployment.database;
    const value = 'token-of-the-restore';
    await addTokens(url, { used: value });
    const held = await onServer(url, value, async (http) => {
      const made = await makeHistory(http);
      // Beside a running server, which goes on as it was.
      const { code, stderr } = await deployment.runCommand(['restore', '--finish'], settings);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(/^\S+ is in use by \d+ other sessions? .* Stop the servers/),
      });
      expect((await http.send(`GET ${apps}?limit=1&cursor=${made.cursor}`)).status).toBe(200);
      return made;
    });
    expect((await deployment.runCommand(['restore', '--from', 'x'], settings)).stderr).toContain(
      'restore takes --finish',
    );
    const kept = await deployment.runCommand(['restore', '--finish', '--keep-tokens'], settings);
    expect(kept).toMatchObject({ code: 0, stdout: expect.stringContaining('No token had to be revoked') });
    await onServer(url, value, (http) => expectNewHistory(http, held));
    const ended = await deployment.runCommand(['restore', '--finish'], settings);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d tokens are revoked/m) });
    await onServer(url, value, async (http) => expect((await http.send(`GET ${apps}`)).status).toBe(401));
    await using database = connectDatabase(url);
    const rows = await database.rows(sql`SELECT fields FROM audit WHERE operation = 'restore' ORDER BY position`);
    expect(rows).toEqual([{ fields: 'revoked:0' }, { fields: expect.stringMatching(/^revoked:[1-9]$/) }]);
  });
});

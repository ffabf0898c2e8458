// @databases sqlite

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashToken } from '../../server/keys/tokens.ts';
import { openStore } from '../../server/store/open-store.ts';
import { getFile } from '../helpers/databases.ts';
import { createToken } from '../helpers/deployment-data.ts';
import { example } from '../helpers/examples.ts';
import { startProcess } from '../helpers/process.ts';
import { createDeployment, type DeployedServer, type Deployment } from '../helpers/server-process.ts';

const apps = '/v1/oauth-apps';
const writerCount = 8;
const ballastBytes = 200 * 1024 * 1024;
const settings = { API_TOKEN: 'YOUR_API_TOKEN', MAX_APPS_PER_ACCOUNT: '100000' };
let deployment: Deployment;
let server: DeployedServer;
let folder: string;
beforeAll(async () => {
  deployment = await createDeployment('sqlite');
  server = await deployment.startServerHere(settings);
  folder = await mkdtemp(join(tmpdir(), 'oauth-apps-backup-'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await deployment[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Creates apps in eight parallel loops. Records the secret of each acknowledged create, and every failure. */
function startCreating() {
  const acknowledged = new Map<string, string>();
  const failures: unknown[] = [];
  let [isOver, slowest, count] = [false, 0, 0];
  const write = async () => {
    while (!isOver) {
      const secret = `secret ${count++}`;
      const start = performance.now();
      const response = await server
        .send(`POST ${apps}`, { body: { ...example('CreateOAuthApp'), client_secret: secret, metadata: { secret } } })
        .catch((error: Error) => error);
      if ('status' in response && response.status === 200) acknowledged.set(response.json.id, secret);
      else failures.push(response);
      slowest = Math.max(slowest, Math.round(performance.now() - start));
    }
  };
  const working = Array.from({ length: writerCount }, write);
  const stop = async () => {
    isOver = true;
    await Promise.all(working);
    return { failures, slowest };
  };
  return { acknowledged, stop };
}

/** Starts a server on a copy with the keys of the original. Returns the secrets of each app. */
async function readCopy(copy: string) {
  const keys = { SECRET_KEYS_FILE: `${getFile(deployment.database)}.keys` };
  await using restored = await deployment.startServerHere({ ...settings, ...keys, DATABASE_URL: `sqlite:${copy}` });
  const { status, json } = await restored.send(`GET ${apps}?truncate_secrets=false`);
  expect(status).toBe(200);
  const shown = json.data as { id: string; client_secret: string; metadata: { secret: string } }[];
  return new Map(
    shown.map(({ id, client_secret, metadata }) => [id, { secret: client_secret, stored: metadata.secret }]),
  );
}

test('a copy during writes holds every acknowledged create', async () => {
  const creating = startCreating();
  while (creating.acknowledged.size < 200) await server.send('GET /readyz');
  const before = new Map(creating.acknowledged);
  const copy = join(folder, 'copy.db');
  const start = performance.now();
  const { code, stdout, stderr } = await deployment.runProgram(['backup', copy]);
  const milliseconds = Math.round(performance.now() - start);
  const meanwhile = creating.acknowledged.size - before.size;
  const { failures, slowest } = await creating.stop();
  const { size, mode } = await stat(copy);
  const restored = await readCopy(copy);
  const lost = [...before].filter(([id, secret]) => restored.get(id)?.secret !== secret);
  const mismatched = [...restored.values()].filter(({ secret, stored }) => secret !== stored);
  console.log(
    `backup: ${restored.size} apps, ${Math.round(size / 1024)} KiB in ${milliseconds} ms during writes of ${writerCount} writers: ` +
      `${before.size} acknowledged before, ${lost.length} lost, ${mismatched.length} mismatched; ${meanwhile} creates meanwhile, ` +
      `${failures.length} failed, slowest ${slowest} ms`,
  );
  expect({ code, stderr, failures, lost, mismatched }).toEqual({
    code: 0,
    stderr: '',
    failures: [],
    lost: [],
    mismatched: [],
  });
  expect(mode & 0o777).toBe(0o600);
  expect(meanwhile).toBeGreaterThan(0);
  expect(stdout).toMatch(/^Copied (\d+) OAuth apps of 1 accounts, \d+ rows in all\. The copy is whole and sound\.$/m);
  expect(stdout).toContain(`open only with the file ${getFile(deployment.database)}.keys: keep a copy of that too`);
  expect(stdout).toContain(`Copied ${restored.size} OAuth apps`);
  expect(stdout).toContain(`Database: ${deployment.database.url}.\n`);
});

test('the copy is one file without the keys', async () => {
  const copy = join(folder, 'alone.db');
  expect(await deployment.runCommand(['backup', copy])).toMatchObject({ code: 0 });
  expect((await readdir(folder)).filter((name) => name.startsWith('alone'))).toEqual(['alone.db']);
  const key = (await readFile(`${getFile(deployment.database)}.keys`, 'utf8')).trim().split(':')[1] ?? '';
  expect(key).toHaveLength(44);
  expect((await readFile(copy)).includes(key)).toBe(false);
});

test('an existing file is not overwritten', async () => {
  const taken = join(folder, 'taken.db');
  await writeFile(taken, 'canary');
  const { code, stdout, stderr } = await deployment.runCommand(['backup', taken]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe('The file exists already. Name one that does not.\n');
  expect(await readFile(taken, 'utf8')).toBe('canary');
});

/** Lists the files of a failed backup. */
const listDrafts = async () => (await readdir(folder)).filter((name) => name.startsWith('none'));

/** Expects that a backup fails with the reason and leaves no file. */
async function expectFailure(env: Record<string, string>, reason: RegExp, target = join(folder, 'none.db')) {
  const { code, stdout, stderr } = await deployment.runCommand(['backup', target], env);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(reason);
  expect(stderr).not.toMatch(/canary|^ +at /m);
  expect(await listDrafts()).toEqual([]);
}

test.each([
  ['PostgreSQL', 'postgres://canary:canary@127.0.0.1:9/x', /use pg_dump\.$/m],
  ['a database in memory', 'sqlite::memory:', /names no file/],
  ['a missing database', 'sqlite:/nowhere/canary.db', /The database does not exist\. Look at DATABASE_URL\./],
])('a backup of %s fails', async (_name, url, reason) => {
  await expectFailure({ DATABASE_URL: url }, reason);
});

test('a damaged database leaves no copy', async () => {
  await using damaged = await createDeployment('sqlite');
  const { token } = await createToken(damaged, 'acme');
  const file = getFile(damaged.database);
  const bytes = await readFile(file);
  // The hash is in the table and in its index. After a flipped bit only the integrity check sees the difference.
  const at = bytes.lastIndexOf(hashToken(token));
  expect(bytes.indexOf(hashToken(token))).toBeLessThan(at);
  await writeFile(file, bytes.fill((bytes[at] ?? 0) ^ 1, at, at + 1));
  await expectFailure(
    { DATABASE_URL: damaged.database.url },
    /The copy is not sound: the database itself may be damaged\./,
  );
});

test('a missing folder is reported', async () => {
  await expectFailure({}, /The copy cannot be made \(ENOENT\)\. Nothing was written\./, join(folder, 'x', 'copy.db'));
});

test('a stopped backup leaves no file', async () => {
  await using large = await createDeployment('sqlite');
  await (await openStore(large.database.url)).close();
  await large.database.rows(sql`CREATE TABLE ballast AS SELECT zeroblob(${ballastBytes}) AS weight`);
  await large.database.disconnect();
  const words = ['node', 'server/bin.js', 'backup', join(folder, 'none.db')];
  await using backup = await startProcess(words, /copied \d+ of \d+ MiB/, { env: large.settings });
  expect(await listDrafts()).toContainEqual(expect.stringMatching(/\.part$/));
  backup.signal('SIGTERM');
  expect(await backup.closed).toEqual([1, null]);
  expect(await listDrafts()).toEqual([]);
});

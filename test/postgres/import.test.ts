// @databases postgres
import { existsSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importCommand } from '../../server/commands/import.ts';
import { errorMessage } from '../../server/process/error-message.ts';
import { openStore } from '../../server/store/open-store.ts';
import { createDatabase, getFile, type TestDatabase } from '../helpers/databases.ts';
import {
  countRows,
  createToken,
  type DeploymentData,
  fillDeployment,
  readDeployment,
} from '../helpers/deployment-data.ts';
import { eventually } from '../helpers/eventually.ts';
import { startProcess } from '../helpers/process.ts';
import {
  createDeployment,
  createEmptyDeployment,
  type DeployedServer,
  type Deployment,
} from '../helpers/server-process.ts';
import { soak } from '../helpers/soak.ts';

const apps = '/v1/oauth-apps';
const sizes = { accounts: 4, inserted: soak(280, 420), each: soak(25, 100) };
const leastApps = soak(1_100, 2_000);
let source: Deployment;
let data: DeploymentData;
let before: Awaited<ReturnType<typeof readDeployment>>;
let cursor: string;

/** Dumps the imported tables: all but those of migrations and request counts. */
async function dumpTables(database: TestDatabase) {
  const tables = Object.entries(await database.dump()).filter(([name]) => !/kysely|request_counts/.test(name));
  const texts = tables.map(([name, rows]) => [name, rows.map((row) => JSON.stringify(row)).sort()]);
  return Object.fromEntries(texts) as Record<string, string[]>;
}

const importWords = (from: TestDatabase, to: TestDatabase) => ['import', '--from', from.url, '--to', to.url];

/** Runs the import, and expects no password in its output. */
async function runImport(from: TestDatabase, to: TestDatabase, env: Record<string, string> = {}) {
  await Promise.all([from.disconnect(), to.disconnect()]);
  const result = await source.runCommand(importWords(from, to), env);
  expect(result.stdout + result.stderr).not.toMatch(/postgres:postgres|^ +at /m);
  return result;
}

/** Runs the import in this process, which costs less. Prints its lines and its error as the program does. */
async function runImportHere(from: TestDatabase, to: TestDatabase) {
  await Promise.all([from.disconnect(), to.disconnect()]);
  const lines: string[] = [];
  const notNeeded = () => {
    throw new Error('an import needs no settings');
  };
  const result = await importCommand
    .run({
      options: { from: from.url, to: to.url },
      positionals: [],
      say: (line) => lines.push(line),
      ...{ readConfig: notNeeded, readTokens: notNeeded, findVersion: notNeeded, sayRow: notNeeded },
    })
    .then(
      (code) => ({ code, stderr: '' }),
      (error) => ({ code: 1, stderr: `${errorMessage(error)}\n` }),
    );
  const stdout = lines.join('\n');
  expect(stdout + result.stderr).not.toMatch(/postgres:postgres|^ +at /m);
  return { ...result, stdout };
}

const getPage = ({ send }: DeployedServer, query: string) =>
  send(`GET ${apps}?limit=10${query}`, { token: data.tokens[1] });

beforeAll(async () => {
  source = await createDeployment('sqlite');
  await using server = await source.startServerHere({ API_TOKEN: 'YOUR_API_TOKEN' });
  data = await fillDeployment(source, server, sizes);
  before = await readDeployment(server, data);
  cursor = (await getPage(server, '')).json.next_cursor;
});
afterAll(() => source[Symbol.asyncDispose]());

/** Creates a deployment on PostgreSQL with the keys of the source. */
async function createTarget(create = createDeployment) {
  const deployment = await create('postgres');
  const env = { API_TOKEN: 'YOUR_API_TOKEN', SECRET_KEYS: '', SECRET_KEYS_FILE: `${getFile(source.database)}.keys` };
  return Object.assign(deployment, { start: () => deployment.startServerHere(env) });
}

/** Creates an app and returns its position. Positions of deleted apps are not reused. */
async function findNextPosition({ database }: Deployment, { send }: DeployedServer) {
  const { body, token } = data.repeated;
  const { json } = await send(`POST ${apps}`, { token, body });
  return (await database.rows(sql`SELECT position FROM oauth_apps WHERE id = ${json.id}`))[0]?.position;
}

test('an imported database gives the same responses byte for byte', async () => {
  await using target = await createTarget(createEmptyDeployment);
  const counts = await countRows(source);
  const { code, stdout, stderr } = await runImport(source.database, target.database);
  const [figures = ''] = /^Moved .*$/m.exec(stdout) ?? [];
  console.log(`import: ${JSON.stringify(counts)}: ${figures}`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    /counts and checksums agree\.\nStart the servers with DATABASE_URL for postgres:.*\.keys\.\n$/,
  );
  expect(counts.oauth_apps).toBeGreaterThanOrEqual(leastApps);
  expect(Object.values(counts).every((count) => count > 0)).toBe(true);
  expect(await dumpTables(target.database)).toEqual(await dumpTables(source.database));

  await using server = await target.start();
  expect(await readDeployment(server, data)).toEqual(before);
  const page = await getPage(server, `&cursor=${cursor}`);
  const all = JSON.parse(before.lists[4]?.text ?? '').data;
  expect(page.json.data.map(({ id }: { id: string }) => id)).toEqual(
    all.slice(10, 20).map(({ id }: { id: string }) => id),
  );
  expect(await findNextPosition(target, server)).toBe(data.created + 1);
});

test('an import back to SQLite restores every row', async () => {
  await using target = await createTarget();
  await using back = await createDatabase('sqlite');
  expect(await runImport(source.database, target.database)).toMatchObject({ code: 0 });
  const withoutPassword = { ...target.database, url: target.database.url.replace(':postgres@', '@') };
  expect(await runImport(withoutPassword, back)).toMatchObject({ code: 1 });
  expect(await runImport(withoutPassword, back, { PGPASSWORD: 'postgres' })).toMatchObject({ code: 0 });
  expect(await dumpTables(back)).toEqual(await dumpTables(source.database));
  const counters = sql`SELECT * FROM sqlite_sequence ORDER BY name`;
  expect(await back.rows(counters)).toEqual(await source.database.rows(counters));
});

/** Expects that an import fails with the reason and leaves the target unchanged. */
async function expectRejected(from: TestDatabase, to: TestDatabase, reason: string) {
  const before = await to.dump();
  const { code, stdout, stderr } = await runImportHere(from, to);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(reason) });
  expect(stdout).not.toContain('Moved');
  expect(await to.dump()).toEqual(before);
}

describe('an import fails without a write', () => {
  test('when the target has rows', async () => {
    await using target = await createTarget();
    await createToken(target, 'acme');
    await expectRejected(source.database, target.database, 'is not empty: there are rows in api_tokens.');
  });

  test('while a server uses the source', async () => {
    await using target = await createTarget(createEmptyDeployment);
    await using server = await source.startServerHere();
    const { code, stderr } = await runImportHere(source.database, target.database);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/ is in use\. Stop the servers/) });
    expect(await dumpTables(target.database)).toEqual({});
    expect((await server.send('GET /readyz')).status).toBe(200);
  });

  test('while another process writes to the target', async () => {
    await using target = await createTarget();
    await using _lock = await target.database.lock();
    const { code, stderr } = await runImportHere(source.database, target.database);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/ is in use\. Stop the servers/) });
  });

  test('when the target changes a row', async () => {
    await using target = await createTarget();
    for (const statement of [
      sql`CREATE FUNCTION change_row() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF NEW.position = 1000 THEN NEW.version := NEW.version + 1; END IF; RETURN NEW; END $$`,
      sql`CREATE TRIGGER changes_row BEFORE INSERT ON oauth_apps FOR EACH ROW EXECUTE FUNCTION change_row()`,
    ])
      await target.database.rows(statement);
    await expectRejected(source.database, target.database, 'The rows of oauth_apps in postgres:');
  });

  test.each([
    ['from a newer database', sql`INSERT INTO kysely_migration VALUES ('9999-x', '2099-01-01')`, 'a newer version'],
    ['from a database of another program', sql`DROP TABLE kysely_migration`, 'holds no installation'],
  ])('%s', async (_name, change, reason) => {
    await using from = await createDatabase('sqlite');
    await using target = await createTarget();
    await (await openStore(from.url)).close();
    await from.rows(change);
    await expectRejected(from, target.database, reason);
  });

  test('from a file that does not exist', async () => {
    await using from = await createDatabase('sqlite');
    await using target = await createTarget();
    const { code, stderr } = await runImportHere(from, target.database);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^sqlite:\S+ is not there\.\n$/) });
    expect(existsSync(getFile(from))).toBe(false);
  });

  test('when the password is wrong', async () => {
    await using target = await createTarget();
    const url = Object.assign(new URL(target.database.url), { password: 'canary' }).href;
    const { code, stderr } = await runImportHere(source.database, { ...target.database, url });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/ does not respond \(28P01\)\./) });
    expect(stderr).not.toContain('canary');
  });
});

test('a killed import leaves no rows and can be repeated', async () => {
  await using target = await createTarget();
  for (const statement of [
    sql`CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$`,
    sql`CREATE TRIGGER pauses AFTER INSERT ON api_tokens FOR EACH STATEMENT EXECUTE FUNCTION pause()`,
  ])
    await target.database.rows(statement);
  // The import waits for this lock before its end.
  await target.database.rows(sql`SELECT pg_advisory_lock(1)`);
  await source.database.disconnect();
  const words = ['node', 'server/bin.js', ...importWords(source.database, target.database)];
  await using process = await startProcess(words, /copied [\d,]+ of /, { env: source.settings });
  process.signal('SIGKILL');
  expect(await process.closed).toEqual([null, 'SIGKILL']);
  await target.database.rows(sql`SELECT pg_advisory_unlock(1)`);
  await eventually(() => target.database.rows(sql`DROP TRIGGER pauses ON api_tokens`));
  expect(Object.values(await countRows(target))).toEqual([0, 0, 0, 0, 0, 0]);
  expect(await runImport(source.database, target.database)).toMatchObject({ code: 0 });
});

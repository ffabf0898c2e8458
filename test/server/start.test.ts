// @databases sqlite
import { once } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../server/config.ts';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { openStore } from '../../server/store/open-store.ts';
import { runCurlCommand } from '../helpers/curl.ts';
import { getFile, type TestDatabase } from '../helpers/databases.ts';
import { example } from '../helpers/examples.ts';
import { insertApps } from '../helpers/inserted-apps.ts';
import {
  createDeployment,
  type Deployment,
  expectStartFailure,
  type ServerProcess,
} from '../helpers/server-process.ts';
import { isSoak } from '../helpers/soak.ts';

const list = 'GET /v1/oauth-apps';
const valid = example('CreateOAuthApp');
const mintedToken = /\boar_[\w-]{49}/;
const slowestStartMilliseconds = 10_000;
const getFolder = (database: TestDatabase) => dirname(getFile(database));

describe('the first start', () => {
  let deployment: Deployment;
  let server: ServerProcess;
  let created: object;
  beforeAll(async () => {
    deployment = await createDeployment();
    // The long form, which measures the time, starts without the compile cache of earlier starts.
    server = await deployment.startServer(isSoak ? { NODE_DISABLE_COMPILE_CACHE: '1' } : {});
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await deployment[Symbol.asyncDispose]();
  });

  test('prints all URLs', async () => {
    const { url, output, readyMilliseconds } = server;
    console.log(`start: ready ${readyMilliseconds} ms after the spawn`);
    if (isSoak) expect(readyMilliseconds).toBeLessThan(slowestStartMilliseconds);
    for (const shown of [`${url}/v1/oauth-apps`, deployment.database.url]) expect(output.stdout).toContain(shown);
    // The docs exist once `npm start` or `npm run docs` has built them.
    const hasDocs = (await fetch(`${url}/docs`)).status === 200;
    expect(output.stdout).toMatch(hasDocs ? `${url}/docs` : /Docs +not built/);
  });

  test('prints a curl command that works', async () => {
    const result = await runCurlCommand(server.curl);
    console.log(`start: the curl command was run with ${result.with}`);
    created = result.body as object;
    expect(created).toMatchObject({ ...valid, client_secret: '**********' });
  });

  test('creates files readable by their owner only', async () => {
    const names = (await readdir(getFolder(deployment.database))).sort();
    expect(names).toEqual(['test.db', 'test.db-shm', 'test.db-wal', 'test.db.keys']);
    for (const name of names)
      expect((await stat(join(getFolder(deployment.database), name))).mode & 0o777, name).toBe(0o600);
  });

  test('prints the token unlike the second start', async () => {
    const [token] = mintedToken.exec(server.output.stdout) ?? [];
    await server[Symbol.asyncDispose]();
    await using second = await deployment.startServerHere();
    expect(second.output.stdout).not.toMatch(/oar_/);
    const { data } = (await second.send(list, { token })).json;
    expect(data).toEqual([{ ...created, health: expect.objectContaining({ status: 'ok' }) }]);
  });
});

test('a start from the compile cache loads no TypeScript support, and a stop right after it exits with 0', async () => {
  await using deployment = await createDeployment();
  const isLoaded = `process.moduleLoadList.some((name) => name.includes('deps/amaro'))`;
  const preload = `process.on('exit', () => console.log('TypeScript support:', ${isLoaded}))`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(preload)}`;
  const readIsLoaded = async (env: object) => {
    await using server = await deployment.startServer({ NODE_OPTIONS, NODE_COMPILE_CACHE: '', ...env });
    server.signal('SIGTERM');
    expect(await server.closed).toEqual([0, null]);
    return /TypeScript support: (\w+)/.exec(server.output.stdout)?.[1];
  };
  if (isSoak) expect(await readIsLoaded({ NODE_DISABLE_COMPILE_CACHE: '1' })).toBe('true');
  // A first start fills the compile cache. Most often an earlier one has done so.
  expect((await readIsLoaded({})) === 'false' || (await readIsLoaded({})) === 'false').toBe(true);
});

test('servers that start together share API_TOKEN and keys', async () => {
  await using deployment = await createDeployment();
  const API_TOKEN = 'YOUR_API_TOKEN';
  const servers = await Promise.all([deployment.startServer({ API_TOKEN }), deployment.startServerHere({ API_TOKEN })]);
  await using one = servers[0];
  await using other = servers[1];
  expect(one.output.stdout + other.output.stdout).not.toMatch(/oar_|YOUR_API_TOKEN/);
  expect(await one.send('POST /v1/oauth-apps', { body: valid })).toMatchObject({ status: 200 });
  const { data } = (await other.send(`${list}?truncate_secrets=false`)).json;
  expect(data).toMatchObject([{ client_secret: valid.client_secret }]);
  expect(await readdir(getFolder(deployment.database))).toHaveLength(4);
});

describe.concurrent('an invalid setting is named', () => {
  const settings: [name: string, value: string, reason: RegExp][] = [
    ['PORT', 'canary', /^PORT must be a number from 0 to 65535/],
    ['PORT', '70000', /^PORT must be a number from 0 to 65535/],
    ['DATABASE_URL', 'foo://user:canary@x', /^DATABASE_URL must be sqlite:<file> or postgres:/],
    ['DATABASE_REPLICA_URL', 'postgres://canary@x/y', /^DATABASE_REPLICA_URL must be postgres:.* DATABASE_URL/],
    ['LOG_LEVEL', 'canary', /^LOG_LEVEL must be one of info, trace/],
    ['RESPONSE_VALIDATION', 'canary', /^RESPONSE_VALIDATION must be one of strict, report/],
    ['KEEP_ALIVE_TIMEOUT', '86401', /^KEEP_ALIVE_TIMEOUT must be a whole number from 1 to 86400\./],
    ['RATE_LIMIT', '-1', /^RATE_LIMIT must be a whole number from 1/],
    ['MAX_APPS_PER_ACCOUNT', '0', /^MAX_APPS_PER_ACCOUNT must be a whole number from 1/],
  ];
  test.each(settings)('%s=%s', (name, value, reason) => {
    const read = () => readConfig({ [name]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(reason);
    expect(read).not.toThrow(/canary/);
  });

  test('and the process ends with 1', async () => {
    await using deployment = await createDeployment();
    const reason = /^PORT must be a number from 0 to 65535/;
    await expectStartFailure(deployment, { PORT: 'canary' }, reason, { isProcess: true });
  });

  test.each<[name: string, value: string, reason: RegExp]>([
    ['HOST', 'canary.invalid', /^HOST .* Set HOST to an address of this machine/],
    ['SECRET_KEYS', 'k1:canary', /secret key 1 is not kid:base64key .* Set SECRET_KEYS or SECRET_KEYS_FILE/],
    ['SECRET_KEYS_FILE', '/canary/keys', /SECRET_KEYS_FILE names cannot be read \(ENOENT\)/],
  ])('%s=%s, when it is used', async (name, value, reason) => {
    await using deployment = await createDeployment();
    await expectStartFailure(deployment, { [name]: value }, reason);
  });
});

describe.concurrent('an unusable database stops the start', () => {
  const databases: [string, (deployment: Deployment) => unknown, RegExp][] = [
    ['a folder', ({ database }) => mkdir(getFile(database)), /\(EISDIR\).* DATABASE_URL/],
    ['another file', ({ database }) => writeFile(getFile(database), 'text '.repeat(1_000)), /DATABASE_URL/],
    ['the file of a newer version', makeNewer, /made by a newer version of this program/],
    ['secrets without their key file', makeKeyless, /\.keys is missing.* Set SECRET_KEYS or SECRET_KEYS_FILE/],
  ];
  test.each(databases)('%s', async (_name, prepare, reason) => {
    await using deployment = await createDeployment();
    await prepare(deployment);
    await expectStartFailure(deployment, {}, reason);
  });

  async function makeNewer({ database }: Deployment) {
    await (await openStore(database.url)).close();
    await database.rows(sql`INSERT INTO kysely_migration VALUES ('9999-from-the-future', '2099-01-01')`);
  }

  async function makeKeyless({ database }: Deployment) {
    const keyRing = loadKeyRing(makeKeyLine(new Date()), new Date());
    await insertApps(database, keyRing, { accounts: ['acme'], appsEach: 1 });
  }
});

describe.concurrent('a port in use stops the start', () => {
  async function occupyPort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const PORT = String((server.address() as AddressInfo).port);
    return { PORT, [Symbol.dispose]: () => void server.close() };
  }
  const taken = /^The port is taken\. Set PORT to another one, or to 0 for any/;

  test('before a token is minted', async () => {
    await using deployment = await createDeployment();
    using port = await occupyPort();
    await expectStartFailure(deployment, { PORT: port.PORT }, taken);
    expect(await deployment.database.rows(sql`SELECT id FROM api_tokens`)).toEqual([]);
  });

  test('without files of a database in memory', async () => {
    await using deployment = await createDeployment();
    using port = await occupyPort();
    await expectStartFailure(deployment, { PORT: port.PORT, DATABASE_URL: 'sqlite::memory:' }, taken, {
      isProcess: true,
      cwd: getFolder(deployment.database),
    });
    expect(await readdir(getFolder(deployment.database))).toEqual([]);
  });
});

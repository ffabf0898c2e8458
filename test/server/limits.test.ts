import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { expectDocumented } from '../helpers/description.ts';
import { example } from '../helpers/examples.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { createDeployment, type Deployment, type ServerProcess } from '../helpers/server-process.ts';

const valid = example('CreateOAuthApp');
const apps = '/v1/oauth-apps';
const accountLimit = 3;
const rateLimit = 5;

/** Calls with a token of a fresh account, or of one that is named. */
async function callerOf(server: TestServer, accountId: string = crypto.randomUUID()) {
  const headers = { Authorization: `Bearer ${await server.createToken({ accountId })}` };
  const call = (path: string, method = 'GET', body?: object) =>
    server.fetch(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const create = () => call(apps, 'POST', valid);
  const list = () => call(apps);
  return { accountId, call, create, list, statusOf: async (sent: Promise<Response>) => (await sent).status };
}

describe('an account holds so many apps', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ maxAppsPerAccount: accountLimit });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** A caller whose account is full, and the ids of its apps. */
  async function fullAccount() {
    const caller = await callerOf(server);
    const ids: string[] = [];
    for (let count = 0; count < accountLimit; count += 1) ids.push((await (await caller.create()).json()).id);
    return { ...caller, ids };
  }
  const rowsOf = (table: string, accountId: string) =>
    server.database.rows(sql`SELECT * FROM ${sql.table(table)} WHERE account_id = ${accountId}`);

  test('one more is refused and changes nothing', async () => {
    const { accountId, create } = await fullAccount();
    const refused = await create();
    expect(refused.status).toBe(409);
    expect(refused.headers.get('retry-after')).toBeNull();
    const problem = await expectDocumented('createOAuthApp', refused);
    expect(problem).toMatchObject({ type: 'urn:oauth-apps:problem:account-full' });
    for (const table of ['oauth_apps', 'audit']) expect(await rowsOf(table, accountId)).toHaveLength(accountLimit);
  });

  test('a delete frees its place, once', async () => {
    const { ids, call, create, statusOf } = await fullAccount();
    const remove = () => statusOf(call(`${apps}/${ids[0]}`, 'DELETE'));
    expect([await remove(), await remove()]).toEqual([200, 404]);
    expect([await statusOf(create()), await statusOf(create())]).toEqual([200, 409]);
  });

  test('a full account still lists and updates', async () => {
    const { ids, call, list, statusOf } = await fullAccount();
    expect(await statusOf(call(`${apps}/${ids[0]}`, 'PATCH', { name: 'New' }))).toBe(200);
    expect((await (await list()).json()).data).toHaveLength(accountLimit);
  });

  test('another account has places of its own', async () => {
    await fullAccount();
    const { create, statusOf } = await callerOf(server);
    expect(await statusOf(create())).toBe(200);
  });
});

describe('a token sends so many requests in a minute', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ rateLimit });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** A caller who may send nothing more for now. */
  async function tiredCaller() {
    const caller = await callerOf(server);
    for (let count = 0; count < rateLimit; count += 1) expect((await caller.list()).status).toBe(200);
    return caller;
  }

  test('one more is told how long to wait', async () => {
    const { list } = await tiredCaller();
    const refused = await list();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toMatch(/^([1-9]|[1-5]\d|60)$/);
    const problem = await expectDocumented('listOAuthApps', refused);
    expect(problem).toMatchObject({ type: 'urn:oauth-apps:problem:too-many-requests' });
  });

  test('parallel requests never pass it', async () => {
    const { list, statusOf } = await callerOf(server);
    const statuses = await Promise.all(Array.from({ length: 60 }, () => statusOf(list())));
    const allowed = statuses.filter((status) => status === 200).length;
    console.log(`limits: 60 parallel requests, a limit of ${rateLimit}: ${allowed} allowed`);
    expect(allowed).toBe(rateLimit);
  });

  test('refused requests change nothing', async () => {
    const { accountId, create, statusOf } = await tiredCaller();
    expect(await statusOf(create())).toBe(429);
    expect(await server.database.rows(sql`SELECT id FROM oauth_apps WHERE account_id = ${accountId}`)).toEqual([]);
  });

  test('other tokens count for themselves', async () => {
    const { accountId } = await tiredCaller();
    for (const sibling of [await callerOf(server, accountId), await callerOf(server)]) {
      expect(await sibling.statusOf(sibling.list())).toBe(200);
    }
  });

  test('health and pages stay open', async () => {
    const { call, statusOf } = await tiredCaller();
    for (const path of ['/readyz', '/healthz', '/openapi.json']) expect(await statusOf(call(path))).toBe(200);
  });
});

describe('two servers on one database', () => {
  /** On PostgreSQL they count together, on a file each for itself. */
  const countsTogether = inject('store') === 'postgres';
  const requestsLeft = 10;
  let deployment: Deployment;
  let servers: ServerProcess[];
  beforeAll(async () => {
    deployment = await createDeployment();
    const env = {
      API_TOKEN: 'YOUR_API_TOKEN',
      MAX_APPS_PER_ACCOUNT: '25',
      RATE_LIMIT: String(requestsLeft + (countsTogether ? 200 : 100)),
    };
    servers = await Promise.all([deployment.startServer(env), deployment.startServer(env)]);
  });
  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
    await deployment[Symbol.asyncDispose]();
  });

  /** Sends so many requests at once to each server and counts the responses by status. */
  async function count(target: string, each: number, body?: object): Promise<Record<number, number>> {
    const sent = servers.flatMap(({ send }) => Array.from({ length: each }, () => send(target, { body })));
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    return Object.fromEntries([...new Set(statuses)].map((one) => [one, statuses.filter((s) => s === one).length]));
  }

  test('parallel creates never pass the limit of apps', async () => {
    const counts = await count(`POST ${apps}`, 100, valid);
    console.log(`limits: 200 parallel creates on 2 servers, a limit of 25 apps: ${counts[200]} created`);
    expect(counts).toEqual({ 200: 25, 409: 175 });
    expect(await deployment.database.rows(sql`SELECT id FROM oauth_apps`)).toHaveLength(25);
  });

  test('requests are counted as the database allows', async () => {
    const allowed = requestsLeft * (countsTogether ? 1 : servers.length);
    expect(await count(`GET ${apps}`, 20)).toEqual({ 200: allowed, 429: 40 - allowed });
  });
});

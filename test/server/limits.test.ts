import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { expectDocumented } from '../helpers/description.ts';
import { example } from '../helpers/examples.ts';
import { mapInParallel } from '../helpers/parallel.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { createDeployment, type DeployedServer, type Deployment } from '../helpers/server-process.ts';

const valid = example('CreateOAuthApp');
const apps = '/v1/oauth-apps';
const accountLimit = 3;
const rateLimit = 5;

/** Creates a token and returns functions that send requests with it. @param accountId @default a new account */
async function createCaller(server: TestServer, accountId: string = crypto.randomUUID()) {
  const headers = { Authorization: `Bearer ${await server.createToken({ accountId })}` };
  const send = (path: string, method = 'GET', body?: object) =>
    server.fetch(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const create = () => send(apps, 'POST', valid);
  const list = () => send(apps);
  return { accountId, send, create, list, statusOf: async (sent: Promise<Response>) => (await sent).status };
}

describe('the quota of an account', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ maxAppsPerAccount: accountLimit });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** Creates a caller with a full account, and returns it with the ids of its apps. */
  async function fillAccount() {
    const caller = await createCaller(server);
    const ids: string[] = [];
    for (let count = 0; count < accountLimit; count += 1) ids.push((await (await caller.create()).json()).id);
    return { ...caller, ids };
  }
  const listRows = (table: string, accountId: string) =>
    server.database.rows(sql`SELECT * FROM ${sql.table(table)} WHERE account_id = ${accountId}`);

  test('rejects one more app and changes nothing', async () => {
    const { accountId, create } = await fillAccount();
    const rejected = await create();
    expect(rejected.status).toBe(409);
    expect(rejected.headers.get('retry-after')).toBeNull();
    const problem = await expectDocumented('createOAuthApp', rejected);
    expect(problem).toMatchObject({ type: 'urn:oauth-apps:problem:account-full' });
    for (const table of ['oauth_apps', 'audit']) expect(await listRows(table, accountId)).toHaveLength(accountLimit);
  });

  test('frees one slot per deleted app', async () => {
    const { ids, send, create, statusOf } = await fillAccount();
    const remove = () => statusOf(send(`${apps}/${ids[0]}`, 'DELETE'));
    expect([await remove(), await remove()]).toEqual([200, 404]);
    expect([await statusOf(create()), await statusOf(create())]).toEqual([200, 409]);
  });

  test('allows lists and updates when full', async () => {
    const { ids, send, list, statusOf } = await fillAccount();
    expect(await statusOf(send(`${apps}/${ids[0]}`, 'PATCH', { name: 'New' }))).toBe(200);
    expect((await (await list()).json()).data).toHaveLength(accountLimit);
  });

  test('does not count apps of other accounts', async () => {
    await fillAccount();
    const { create, statusOf } = await createCaller(server);
    expect(await statusOf(create())).toBe(200);
  });
});

describe('the rate limit of a token', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ rateLimit });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** Creates a caller that has reached the rate limit. */
  async function createLimitedCaller() {
    const caller = await createCaller(server);
    for (let count = 0; count < rateLimit; count += 1) expect((await caller.list()).status).toBe(200);
    return caller;
  }

  test('rejects one more request with Retry-After', async () => {
    const { list } = await createLimitedCaller();
    const rejected = await list();
    expect(rejected.status).toBe(429);
    expect(rejected.headers.get('retry-after')).toMatch(/^([1-9]|[1-5]\d|60)$/);
    const problem = await expectDocumented('listOAuthApps', rejected);
    expect(problem).toMatchObject({ type: 'urn:oauth-apps:problem:too-many-requests' });
  });

  test('holds for parallel requests', async () => {
    const { list, statusOf } = await createCaller(server);
    const statuses = await Promise.all(Array.from({ length: 60 }, () => statusOf(list())));
    const allowed = statuses.filter((status) => status === 200).length;
    console.log(`limits: 60 parallel requests, a limit of ${rateLimit}: ${allowed} allowed`);
    expect(allowed).toBe(rateLimit);
  });

  test('rejects writes before they change anything', async () => {
    const { accountId, create, statusOf } = await createLimitedCaller();
    expect(await statusOf(create())).toBe(429);
    expect(await server.database.rows(sql`SELECT id FROM oauth_apps WHERE account_id = ${accountId}`)).toEqual([]);
  });

  test('does not count requests of other tokens', async () => {
    const { accountId } = await createLimitedCaller();
    for (const sibling of [await createCaller(server, accountId), await createCaller(server)]) {
      expect(await sibling.statusOf(sibling.list())).toBe(200);
    }
  });

  test('does not apply to health checks and pages', async () => {
    const { send, statusOf } = await createLimitedCaller();
    for (const path of ['/readyz', '/healthz', '/openapi.json']) expect(await statusOf(send(path))).toBe(200);
  });
});

describe('two servers on one database', () => {
  /** Whether the servers share one count: on PostgreSQL they do, on SQLite each has its own. */
  const sharesCount = inject('store') === 'postgres';
  const requestsLeft = 10;
  let deployment: Deployment;
  let servers: DeployedServer[];
  beforeAll(async () => {
    deployment = await createDeployment();
    const env = {
      API_TOKEN: 'YOUR_API_TOKEN',
      MAX_APPS_PER_ACCOUNT: '25',
      RATE_LIMIT: String(requestsLeft + (sharesCount ? 200 : 100)),
    };
    servers = await Promise.all([deployment.startServerHere(env), deployment.startServerHere(env)]);
  });
  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
    await deployment[Symbol.asyncDispose]();
  });

  /**
   * Sends `each` requests to every server, several at a time, and counts the responses by status. A hundred at a time would
   * wait for their turn longer than they may on a busy machine.
   */
  async function count(target: string, each: number, body?: object): Promise<Record<number, number>> {
    const sendAll = ({ send }: DeployedServer) =>
      mapInParallel(Array.from({ length: each }), () => send(target, { body }));
    const statuses = (await Promise.all(servers.map(sendAll))).flat().map(({ status }) => status);
    return Object.fromEntries([...new Set(statuses)].map((one) => [one, statuses.filter((s) => s === one).length]));
  }

  test('never exceed the quota in parallel', async () => {
    const counts = await count(`POST ${apps}`, 100, valid);
    console.log(`limits: 200 parallel creates on 2 servers, a limit of 25 apps: ${counts[200]} created`);
    expect(counts).toEqual({ 200: 25, 409: 175 });
    expect(await deployment.database.rows(sql`SELECT id FROM oauth_apps`)).toHaveLength(25);
  });

  test('share the rate limit on PostgreSQL only', async () => {
    const allowed = requestsLeft * (sharesCount ? 1 : servers.length);
    expect(await count(`GET ${apps}`, 20)).toEqual({ 200: allowed, 429: 40 - allowed });
  });
});

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { allScopes, hashToken, mintToken } from '../../server/keys/tokens.ts';
import { openStore } from '../../server/store/open-store.ts';
import { example } from '../helpers/examples.ts';
import { createLoadClient } from '../helpers/load-client.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { startProcess } from '../helpers/process.ts';
import { openPrepared, prepareRequest } from './prepared-requests.ts';
import type { Section } from './section.ts';
import { median } from './statistics.ts';
import { onServerCore, readCpu, serverCommand, useAllCores } from './target.ts';

const ready = /API +(http:\S+)\/v1\/oauth-apps/;
const connections = 16;
const sliceMilliseconds = 1_000;

/** Work that runs over several connections at once; `index` is that of the connection. */
type Work = (index: number) => Promise<unknown>;

/** Runs work over all connections for a slice of time. Returns how often it was done in a second. */
async function measureSlice(work: Work): Promise<number> {
  const start = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      while (performance.now() - start < sliceMilliseconds) {
        await work(index);
        done += 1;
      }
    }),
  );
  return (done / (performance.now() - start)) * 1_000;
}

/** Returns the CPU time so far of a PostgreSQL server with all its processes, in milliseconds. On Linux. */
async function readDatabaseCpu(postmaster: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(postmaster)]);
  const processes = stdout.trim().split(/\s+/).map(Number);
  const times = await Promise.all(processes.map((pid) => readCpu(pid).catch(() => 0)));
  return times.reduce((sum, time) => sum + time, 0);
}

/** Opens plain connections, and the statements that the server's creates are compared with. */
async function openPlain(url: string) {
  const clients = Array.from({ length: connections }, () => new pg.Client(url));
  for (const client of clients) await client.connect();
  const columns =
    'id text, account_id text, provider text, name text, client_id text, client_secret text, metadata text';
  await clients[0]?.query(`CREATE TABLE plain_counters (id text PRIMARY KEY, app_count integer NOT NULL)`);
  await clients[0]?.query(
    `CREATE TABLE plain_apps (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ${columns})`,
  );
  const values = (account: string) => [
    ...[randomUUID(), account, 'stripe', 'Arakkis - Stripe', randomUUID(), `v1.${'x'.repeat(110)}`],
    '{"custom_property":42}',
  ];
  const insert = `INSERT INTO plain_apps (id, account_id, provider, name, client_id, client_secret, metadata)
    VALUES ($1, $2, $3, $4, $5, $6, $7)`;
  const counted = `WITH counter AS (INSERT INTO plain_counters VALUES ($2, 1)
    ON CONFLICT (id) DO UPDATE SET app_count = plain_counters.app_count + 1) ${insert}`;
  const run = (name: string, text: string) => (index: number) =>
    clients[index]?.query({ name, text, values: values(name) }) ?? Promise.resolve();
  return {
    insert: run('insert', insert) as Work,
    counted: run('counted', counted) as Work,
    analyze: () => clients[0]?.query('ANALYZE'),
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.end();
    },
  };
}

/** Starts a server with a token for each connection, whose accounts differ, and the apps that are read. */
async function startMeasured(databaseUrl: string) {
  const env = {
    ...{ DATABASE_URL: databaseUrl, SECRET_KEYS: makeKeyLine(new Date()), API_TOKEN: 'YOUR_API_TOKEN', PORT: '0' },
    ...{ LOG_LEVEL: 'error', MAX_APPS_PER_ACCOUNT: '100000000' },
  };
  const server = await startProcess(onServerCore(serverCommand), ready, { env });
  const store = await openStore(databaseUrl);
  const tokens = Array.from({ length: connections }, mintToken);
  for (const [index, token] of tokens.entries()) {
    const createdAt = new Date().toISOString();
    await store.addToken({
      id: randomUUID(),
      accountId: `a${index}`,
      hash: hashToken(token),
      scopes: allScopes,
      createdAt,
    });
  }
  await store.close();
  const client = createLoadClient(server.match[1] ?? '', env.API_TOKEN, connections);
  const body = example('CreateOAuthApp');
  const send = async (target: string, options: object) => {
    const response = await client.send(target, options);
    if (response.status !== 200) throw new Error(`${target} got ${response.status}`);
    return response;
  };
  const create = async (token?: string) => {
    const { text } = await send('POST /v1/oauth-apps', { body, token });
    return (JSON.parse(text) as { id: string }).id;
  };
  const id = await create();
  const ids = await Promise.all(tokens.map(create));
  client.close();
  const prepared = tokens.map(() => openPrepared(server.match[1] ?? ''));
  const prepare = (make: (index: number) => Buffer): Work => {
    const requests = tokens.map((_, index) => make(index));
    return (index) => prepared[index]?.send(requests[index] as Buffer) ?? Promise.resolve();
  };
  const tokenOf = (index: number) => tokens[index] ?? '';
  const { API_TOKEN: own } = env;
  return {
    cpu: () => readCpu(server.pid),
    createInOne: prepare(() => prepareRequest('POST /v1/oauth-apps', own, body)),
    createInMany: prepare((index) => prepareRequest('POST /v1/oauth-apps', tokenOf(index), body)),
    update: prepare(() => prepareRequest(`PATCH /v1/oauth-apps/${id}`, own, { name: 'New' })),
    get: prepare(() => prepareRequest(`GET /v1/oauth-apps/${id}`, own)),
    /** Its tokens are minted and its accounts differ, as those of `createInMany`. */
    getInMany: prepare((index) => prepareRequest(`GET /v1/oauth-apps/${ids[index]}`, tokenOf(index))),
    async [Symbol.asyncDispose]() {
      for (const connection of prepared) connection.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Creates, updates and reads on PostgreSQL beside plain statements on the same server, and beside SQLite. */
export const postgresWrites: Section = async ({ folder, rounds, report }) => {
  await using postgres = await startPostgres();
  await useAllCores(await postgres.pid());
  await using plain = await openPlain(`${postgres.url}/postgres`);
  await using server = await startMeasured(`${postgres.url}/postgres`);
  await using embedded = await startMeasured(`sqlite:${join(folder, 'postgres-writes.db')}`);
  const postmaster = await postgres.pid();
  /** The CPU time so far by who used it, in milliseconds. This process is the client. */
  const readAll = async (cpu?: () => Promise<number>) => {
    const { user, system } = process.cpuUsage();
    return {
      server: (await cpu?.()) ?? 0,
      database: await readDatabaseCpu(postmaster),
      client: (user + system) / 1_000,
    };
  };
  const measured: Record<string, { work: Work; cpu?: () => Promise<number>; base?: string }> = {
    'single statement with a counter': { work: plain.counted },
    'plain insert': { work: plain.insert },
    'GET one, SQLite': { work: embedded.get, cpu: embedded.cpu },
    'create in one account, SQLite': { work: embedded.createInOne, cpu: embedded.cpu },
    'create in 16 accounts, SQLite': { work: embedded.createInMany, cpu: embedded.cpu },
    'create in one account': { work: server.createInOne, cpu: server.cpu, base: 'single statement with a counter' },
    'create in 16 accounts': { work: server.createInMany, cpu: server.cpu, base: 'plain insert' },
    'update one app': { work: server.update, cpu: server.cpu, base: 'single statement with a counter' },
    'GET one': { work: server.get, cpu: server.cpu, base: 'GET one, SQLite' },
    'GET one in 16 accounts': { work: server.getInMany, cpu: server.cpu, base: 'GET one' },
  };
  const figures = new Map(
    Object.keys(measured).map((name) => [
      name,
      { perSecond: [] as number[], server: [] as number[], database: [] as number[], client: [] as number[] },
    ]),
  );
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, { work, cpu }] of Object.entries(measured)) {
      const before = await readAll(cpu);
      const perSecond = await measureSlice(work);
      const after = await readAll(cpu);
      // The first round warms up.
      if (round === 0) continue;
      const figure = figures.get(name);
      figure?.perSecond.push(perSecond);
      const count = (perSecond * sliceMilliseconds) / 1_000;
      for (const user of ['server', 'database', 'client'] as const)
        figure?.[user].push(((after[user] - before[user]) * 1_000) / count);
    }
    // As autovacuum does, a minute after the start.
    if (round === 0) await plain.analyze();
    report(`postgres-writes: round ${round} of ${rounds}`);
  }
  const perSecondOf = (name: string) => median(figures.get(name)?.perSecond ?? []);
  const cpuOf = (name: string, user: 'server' | 'database' | 'client') => median(figures.get(name)?.[user] ?? []);
  return Object.entries(measured).map(([name, { cpu, base }]) => ({
    ...{ work: name, perSecond: perSecondOf(name) },
    ...(cpu && { 'server CPU, µs': cpuOf(name, 'server') }),
    'database CPU, µs': cpuOf(name, 'database'),
    'client CPU, µs': cpuOf(name, 'client'),
    ...(base && { '÷': base, ratio: perSecondOf(name) / perSecondOf(base) }),
  }));
};

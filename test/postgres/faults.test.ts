// @databases postgres
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { createLog } from '../../server/log.ts';
import { openStore } from '../../server/store/open-store.ts';
import { type DatabaseFault, injectFault } from '../helpers/database-faults.ts';
import { connectDatabase, type TestDatabase } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { example } from '../helpers/examples.ts';
import { startFaultyProxy } from '../helpers/faulty-proxy.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { startServer } from '../helpers/server.ts';

const keys = makeKeyLine(new Date());
let postgres: Awaited<ReturnType<typeof startPostgres>>;
beforeAll(async () => {
  postgres = await startPostgres({ folders: inject('postgresFolders'), isInMemory: true });
});
afterAll(() => postgres[Symbol.asyncDispose]());

/** Starts the app on a store with the deadlines and the pool of the product, and records its log. */
async function startOn(url: string, poolSize?: number) {
  let logged = '';
  const log = createLog('warn', {
    write: (text) => {
      logged += text;
    },
  });
  const database = connectDatabase(url);
  const store = await openStore(url, { poolSize });
  const server = await startServer({ ...{ database, store, log }, secretKeys: keys, maxAppsPerAccount: 100_000 });
  const client = createHttpClient(server.url, server.token, 64);
  return {
    ...{ database, send: client.send, logged: () => logged },
    async [Symbol.asyncDispose]() {
      client.close();
      await server[Symbol.asyncDispose]();
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Creates a server and its database in the PostgreSQL of this file. */
async function createFaultTarget(name: string, poolSize?: number) {
  const main = connectDatabase(`${postgres.url}/postgres`);
  await main.rows(sql`CREATE DATABASE ${sql.id(name)}`);
  await main[Symbol.asyncDispose]();
  return { ...{ name: 'PostgreSQL', keys }, ...(await startOn(`${postgres.url}/${name}`, poolSize)) };
}

/** Lists the process ids of the server's connections in PostgreSQL. */
const listBackends = async ({ rows }: TestDatabase, condition = sql`true`) =>
  (
    await rows(sql`SELECT pid FROM pg_stat_activity
    WHERE application_name = 'oauth-apps' AND datname = current_database() AND pid <> pg_backend_pid() AND ${condition}`)
  ).map(({ pid }) => Number(pid));

/** Locks tables until the lock is disposed of. */
async function lockTables({ url }: TestDatabase, tables: string, mode: string): Promise<AsyncDisposable> {
  const holder = connectDatabase(url);
  await holder.rows(sql`SET statement_timeout = 0`);
  await holder.rows(sql`SET idle_in_transaction_session_timeout = 0`);
  await holder.rows(sql`SET lock_timeout = 0`);
  await holder.rows(sql`BEGIN`);
  await holder.rows(sql`LOCK TABLE ${sql.raw(tables)} IN ${sql.raw(mode)} MODE`);
  return {
    async [Symbol.asyncDispose]() {
      await holder.rows(sql`ROLLBACK`);
      await holder[Symbol.asyncDispose]();
    },
  };
}

type PostgresFault = DatabaseFault & { readonly poolSize?: number };

/** Faults of the whole PostgreSQL server. They run one after another. */
const serverFaults: PostgresFault[] = [
  {
    name: 'restarted',
    expected: { write: 503, read: 503, ready: 503 },
    code: /ECONNREFUSED|57P0|CONNECTION/,
    async inject() {
      await postgres.stop();
      return { [Symbol.asyncDispose]: postgres.restart };
    },
  },
  {
    name: 'suspended during writes',
    expected: { write: 503, read: 503, ready: 503 },
    code: /TIMEOUT|CONNECTION/,
    async inject({ database }) {
      const pids = [...(await listBackends(database)), await postgres.pid()];
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      return { [Symbol.asyncDispose]: async () => pids.forEach((pid) => void process.kill(pid, 'SIGCONT')) };
    },
  },
];

/** Faults of one database each. They run in parallel. */
const databaseFaults: PostgresFault[] = [
  {
    name: 'disconnected during writes',
    expected: { write: 503, read: 200, ready: 503 },
    code: /57P01|CONNECTION/,
    async inject({ database }) {
      const lock = await lockTables(database, 'oauth_apps', 'EXCLUSIVE');
      let isOver = false;
      const cutting = (async () => {
        while (!isOver) {
          const waiting = await listBackends(database, sql`wait_event_type = 'Lock'`);
          for (const pid of waiting) await database.rows(sql`SELECT pg_terminate_backend(${pid})`);
          await delay(20);
        }
      })();
      return {
        async [Symbol.asyncDispose]() {
          isOver = true;
          await cutting;
          await lock[Symbol.asyncDispose]();
        },
      };
    },
  },
  {
    name: 'locked for reads and writes',
    expected: { write: 503, read: 503, ready: 503 },
    // The timeout of a lock, the request of the server to cancel, or of waiting behind such a write.
    code: /55P03|57014|TIMEOUT/,
    inject: ({ database }) => lockTables(database, 'api_tokens, accounts', 'ACCESS EXCLUSIVE'),
  },
  {
    name: 'busy on every connection',
    poolSize: 2,
    expected: { write: 503, read: 'either', ready: 'either' },
    // Of the lock that both connections wait for, of waiting for one of them, or of the request to cancel.
    code: /CONNECTION|TIMEOUT|55P03|57014/,
    inject: ({ database }) => lockTables(database, 'oauth_apps', 'EXCLUSIVE'),
  },
];

async function expectRecovery({ poolSize, ...fault }: PostgresFault) {
  await using target = await createFaultTarget(fault.name.replaceAll(' ', '_'), poolSize);
  await injectFault(target, fault);
}

test.concurrent.each(databaseFaults)('the server survives a database that is $name', expectRecovery);

test.each(serverFaults)('the server survives a database that is $name', expectRecovery);

test('a commit with a lost response neither succeeds nor loses data', async () => {
  const url = `${postgres.url}/postgres`;
  using proxy = await startFaultyProxy(url);
  await using server = await startOn(proxy.url);
  await using database = connectDatabase(url);
  const headers = { 'Idempotency-Key': 'lost' };
  const create = () => server.send('POST /v1/oauth-apps', { body: example('CreateOAuthApp'), headers });
  // The first request of the day commits the day of the token's last use.
  await server.send('GET /v1/oauth-apps');
  await eventually(async () =>
    expect(await database.rows(sql`SELECT id FROM api_tokens WHERE last_used_on IS NULL`)).toEqual([]),
  );
  proxy.dropNextCommit();
  const first = await create();
  const stored = await database.rows(sql`SELECT id FROM oauth_apps`);
  const second = await create();
  console.log(
    `fault on PostgreSQL: ${proxy.droppedCommits()} commit with a lost response: expected 503, then 200 with the same app; ` +
      `observed ${first.status}, then ${second.status}, ${stored.length} app`,
  );
  expect([first.status, first.headers['retry-after']]).toEqual([503, '1']);
  expect(second).toMatchObject({ status: 200, json: stored[0] });
  expect(await database.rows(sql`SELECT id FROM oauth_apps`)).toEqual(stored);
});

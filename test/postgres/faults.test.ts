import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { type DatabaseFault, injectFault } from '../helpers/database-faults.ts';
import { databaseAt, type TestDatabase } from '../helpers/databases.ts';
import { example } from '../helpers/examples.ts';
import { startFaultyProxy } from '../helpers/faulty-proxy.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { createDeployment, type Deployment } from '../helpers/server-process.ts';

const keys = makeKeyLine(new Date());
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let deployment: Deployment;
beforeAll(async () => {
  postgres = await startPostgres();
  deployment = await createDeployment();
});
afterAll(async () => {
  await deployment[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

const startServer = (DATABASE_URL: string, more: Record<string, string> = {}) =>
  deployment.startServer({
    API_TOKEN: 'YOUR_API_TOKEN',
    SECRET_KEYS: keys,
    MAX_APPS_PER_ACCOUNT: '100000',
    DATABASE_URL,
    ...more,
  });

/** A server on a database of its own, in the PostgreSQL of this file. */
async function makeSubject(name: string, more: Record<string, string> = {}) {
  const main = databaseAt(`${postgres.url}/postgres`);
  await main.rows(sql`CREATE DATABASE ${sql.id(name)}`);
  await main[Symbol.asyncDispose]();
  const database = databaseAt(`${postgres.url}/${name}`);
  const server = await startServer(database.url, more);
  return {
    subject: { ...{ name: 'PostgreSQL', keys, database }, send: server.send, logged: () => server.output.stderr },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The processes of PostgreSQL that work for the server, by what they do. */
const findWorkers = async ({ rows }: TestDatabase, condition = sql`true`) =>
  (
    await rows(sql`SELECT pid FROM pg_stat_activity
    WHERE application_name = 'oauth-apps' AND datname = current_database() AND pid <> pg_backend_pid() AND ${condition}`)
  ).map(({ pid }) => Number(pid));

/** Holds a lock on tables that no transaction holds together, until it is disposed of. */
async function holdLock({ url }: TestDatabase, tables: string, mode: string): Promise<AsyncDisposable> {
  const holder = databaseAt(url);
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

type PostgresFault = DatabaseFault & { readonly settings?: Record<string, string> };

/** Faults of the whole server, one at a time. */
const ofServer: PostgresFault[] = [
  {
    name: 'stopped and started again',
    expected: { write: 503, read: 503, ready: 503 },
    code: /ECONNREFUSED|57P0|CONNECTION/,
    async arrange() {
      await postgres.stop();
      return { [Symbol.asyncDispose]: postgres.restart };
    },
  },
  {
    name: 'hung in the middle of everything',
    expected: { write: 503, read: 503, ready: 503 },
    code: /TIMEOUT|CONNECTION/,
    async arrange({ database }) {
      const pids = [...(await findWorkers(database)), await postgres.pid()];
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      return { [Symbol.asyncDispose]: async () => pids.forEach((pid) => void process.kill(pid, 'SIGCONT')) };
    },
  },
];

/** Faults of one database, all together. */
const ofDatabase: PostgresFault[] = [
  {
    name: 'cut off while it writes',
    expected: { write: 503, read: 200, ready: 503 },
    code: /57P01|CONNECTION/,
    async arrange({ database }) {
      const lock = await holdLock(database, 'oauth_apps', 'EXCLUSIVE');
      let isOver = false;
      const cutting = (async () => {
        while (!isOver) {
          const waiting = await findWorkers(database, sql`wait_event_type = 'Lock'`);
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
    name: 'so slow that nothing gets through',
    expected: { write: 503, read: 503, ready: 503 },
    code: /55P03/,
    arrange: ({ database }) => holdLock(database, 'api_tokens, accounts', 'ACCESS EXCLUSIVE'),
  },
  {
    name: 'busy on every connection',
    settings: { DATABASE_POOL_SIZE: '2' },
    expected: { write: 503, read: 'either', ready: 'either' },
    code: /CONNECTION|TIMEOUT/,
    arrange: ({ database }) => holdLock(database, 'oauth_apps', 'EXCLUSIVE'),
  },
];

async function survive({ settings, ...fault }: PostgresFault) {
  await using made = await makeSubject(fault.name.replaceAll(' ', '_'), settings);
  await injectFault(made.subject, fault);
}

test.concurrent.each(ofDatabase)('a database is survived that is $name', survive);

test.each(ofServer)('a database is survived that is $name', survive);

test('a commit whose response is lost is no success, and no loss', async () => {
  const url = `${postgres.url}/postgres`;
  using proxy = await startFaultyProxy(url);
  await using server = await startServer(proxy.url);
  await using database = databaseAt(url);
  const headers = { 'Idempotency-Key': 'lost' };
  const create = () => server.send('POST /v1/oauth-apps', { body: example('CreateOAuthApp'), headers });
  proxy.cut();
  const first = await create();
  const stored = await database.rows(sql`SELECT id FROM oauth_apps`);
  const second = await create();
  console.log(
    `fault on PostgreSQL: ${proxy.cuts()} commit whose response is lost: expected 503, then 200 with the same app; ` +
      `seen ${first.status}, then ${second.status}, ${stored.length} app`,
  );
  expect([first.status, first.headers['retry-after']]).toEqual([503, '1']);
  expect(second).toMatchObject({ status: 200, json: stored[0] });
  expect(await database.rows(sql`SELECT id FROM oauth_apps`)).toEqual(stored);
});
